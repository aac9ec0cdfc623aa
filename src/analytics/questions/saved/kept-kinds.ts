import type { QuestionKind } from '../definitions/question.dto.js';

/** Kinds whose answer takes seconds over a million customers, and changes little within an hour. */
export const KEPT_KINDS: readonly QuestionKind[] = ['retention', 'milestone_funnel'];
