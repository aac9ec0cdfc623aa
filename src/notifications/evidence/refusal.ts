/** Where in the SMTP dialogue a message was refused (RFC 5321). */
export type RefusedAt = 'connection' | 'sender' | 'recipient' | 'data';

/** The answer of a mail system that did not accept a message. */
export interface Refusal {
  /** The enhanced status code (RFC 3463) that is given apart from the words, e.g. in a report's `Status` field. */
  status: string | null;
  /** The reply or the diagnosis, with its codes if there are any. */
  words: string;
  /** Null if it is unknown. */
  refusedAt: RefusedAt | null;
  /** Whether the words are a text for people, in which a quoted reply cannot be separated from the explanation. */
  isFreeText?: boolean;
}

/** A row of evidence: a phrase, and its source. */
export interface EvidenceRow {
  /** Short and without personal data: it is stored with the suppression. */
  name: string;
  /** Matched against the normalised text: in lower case, without addresses and links, with single blanks. */
  words: RegExp;
  /** The server that uses the phrase, or the document that lists it. */
  source: string;
}

/** What a refusal says about the address. */
export type Verdict =
  /** The address does not exist. `evidence` names the row; null if the enhanced code alone says it. */
  | { address: 'gone'; evidence: string | null }
  /** The refusal has another cause and says nothing about the address. */
  | { address: 'not_meant'; evidence: string }
  /** The refusal has no known reason. Several of these count as one with a reason. */
  | { address: 'unclear' };
