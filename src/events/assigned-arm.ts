/** What an arm does to messages of a kind. */
export interface MessageTreatment {
  kind: string;
  /** The version of the template to use, where the language has it. 0 is the built-in content. */
  templateVersion?: number;
  /** False: the message is not sent. */
  send?: boolean;
  /** For how long the message waits. */
  delayMinutes?: number;
}

/** Values that MINGUS reads. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** What an arm does to its units. */
export interface Treatment {
  messages: readonly MessageTreatment[];
  parameters: Parameters;
}

/** The arm of a user in an experiment. */
export interface AssignedArm {
  experiment: string;
  phaseId: number;
  /** The key of the arm. */
  arm: string;
  /** The place of the arm in its phase. */
  armIndex: number;
  /** Null once the experiment is decided. */
  treatment: Treatment | null;
  /** ISO 8601. */
  assignedAt: string;
  /** Whether it is assigned now. */
  isNew: boolean;
}

/** The stored arms of a user: three lists of the same length. */
export interface StoredArms {
  /** The first customer of the user; null while there is none. */
  customerId: string | null;
  phaseIds: readonly number[];
  /** The places of the arms in their phases. */
  arms: readonly number[];
  /** ISO 8601. */
  assignedAt: readonly string[];
}

/** The arms of a user after a decision. */
export interface Assignment {
  arms: readonly AssignedArm[];
  /** What was stored before; null where the user had no arm. */
  stored: StoredArms | null;
}

export const NO_ARMS: Assignment = { arms: [], stored: null };

/** What the arms do to messages of a kind. Running experiments that treat the same kind have no unit in common. */
export function treatmentOf(arms: readonly AssignedArm[], kind: string): MessageTreatment {
  const treatments = arms.flatMap(({ treatment }) => treatment?.messages ?? []);
  return Object.assign(
    { kind },
    ...treatments.filter((message) => message.kind === kind),
  ) as MessageTreatment;
}
