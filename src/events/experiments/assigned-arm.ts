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

/** What an arm does to its units. */
export interface Treatment {
  messages: MessageTreatment[];
  /** For MINGUS, which reads them. */
  parameters: Record<string, string | number | boolean>;
}

/** The arm of a unit in an experiment that has not been decided. */
export interface AssignedArm {
  experiment: string;
  phaseId: number;
  /** The key of the arm. */
  arm: string;
  /** The place of the arm in its phase. */
  armIndex: number;
  treatment: Treatment;
  /** ISO 8601. */
  assignedAt: string;
  /** Whether it is assigned now. */
  isNew: boolean;
}
