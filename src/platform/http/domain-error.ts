import { HttpStatus } from '@nestjs/common';

export type DomainErrorCode =
  | 'user_not_found'
  | 'user_exists'
  | 'users_table_is_external'
  | 'customer_not_found'
  | 'customer_deleted'
  | 'customer_exists'
  | 'customer_unlinked'
  | 'webhook_event_not_found'
  | 'body_not_kept'
  | 'event_not_linkable'
  | 'stripe_unavailable'
  | 'replay_not_found'
  | 'replay_ended'
  | 'reconciliation_not_found'
  | 'reconciliation_running'
  | 'reconciliation_ended'
  | 'stripe_key_missing'
  | 'since_in_the_future'
  | 'notification_not_found'
  | 'template_invalid'
  | 'template_version_not_found'
  | 'notification_sent'
  | 'notification_ended'
  | 'address_suppressed'
  | 'suppression_not_found'
  | 'mail_report_not_found'
  | 'portal_access_unchanged'
  | 'portal_access_revoked'
  | 'portal_access_not_active'
  | 'portal_unavailable'
  | 'return_url_not_allowed'
  | 'api_key_not_found'
  | 'api_key_ended'
  | 'expiry_in_the_past'
  | 'period_invalid'
  | 'definition_invalid'
  | 'question_not_found'
  | 'question_too_large'
  | 'questions_busy'
  | 'cursor_invalid'
  | 'milestone_unknown'
  | 'occurred_at_in_the_future'
  | 'body_not_json'
  | 'body_too_deep'
  | 'body_not_gzip'
  | 'encoding_unknown'
  | 'batch_missing'
  | 'batch_too_long'
  | 'erasure_not_confirmed'
  | 'alert_not_found'
  | 'alert_not_firing'
  | 'rule_invalid'
  | 'segment_not_found'
  | 'segment_exists'
  | 'segment_in_use'
  | 'too_many_segments'
  | 'too_many_conditions'
  | 'segment_unsuitable'
  | 'experiment_not_found'
  | 'experiment_exists'
  | 'experiment_invalid'
  | 'experiment_started'
  | 'experiment_not_running'
  | 'experiment_not_stopped'
  | 'coverage_shrinks'
  | 'namespace_occupied'
  | 'message_occupied'
  | 'too_many_experiments'
  | 'prediction_not_found';

/** The status of each code. A code without a status does not compile. */
export const STATUS_BY_CODE: Record<DomainErrorCode, HttpStatus> = {
  user_not_found: HttpStatus.NOT_FOUND,
  user_exists: HttpStatus.CONFLICT,
  users_table_is_external: HttpStatus.CONFLICT,
  customer_not_found: HttpStatus.NOT_FOUND,
  customer_deleted: HttpStatus.CONFLICT,
  customer_exists: HttpStatus.CONFLICT,
  customer_unlinked: HttpStatus.CONFLICT,
  webhook_event_not_found: HttpStatus.NOT_FOUND,
  body_not_kept: HttpStatus.CONFLICT,
  event_not_linkable: HttpStatus.CONFLICT,
  stripe_unavailable: HttpStatus.BAD_GATEWAY,
  replay_not_found: HttpStatus.NOT_FOUND,
  replay_ended: HttpStatus.CONFLICT,
  reconciliation_not_found: HttpStatus.NOT_FOUND,
  reconciliation_running: HttpStatus.CONFLICT,
  reconciliation_ended: HttpStatus.CONFLICT,
  stripe_key_missing: HttpStatus.CONFLICT,
  since_in_the_future: HttpStatus.BAD_REQUEST,
  notification_not_found: HttpStatus.NOT_FOUND,
  template_invalid: HttpStatus.UNPROCESSABLE_ENTITY,
  template_version_not_found: HttpStatus.NOT_FOUND,
  notification_sent: HttpStatus.CONFLICT,
  notification_ended: HttpStatus.CONFLICT,
  address_suppressed: HttpStatus.CONFLICT,
  suppression_not_found: HttpStatus.NOT_FOUND,
  mail_report_not_found: HttpStatus.NOT_FOUND,
  portal_access_unchanged: HttpStatus.CONFLICT,
  portal_access_revoked: HttpStatus.CONFLICT,
  portal_access_not_active: HttpStatus.CONFLICT,
  portal_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  return_url_not_allowed: HttpStatus.BAD_REQUEST,
  api_key_not_found: HttpStatus.NOT_FOUND,
  api_key_ended: HttpStatus.CONFLICT,
  expiry_in_the_past: HttpStatus.BAD_REQUEST,
  period_invalid: HttpStatus.BAD_REQUEST,
  definition_invalid: HttpStatus.BAD_REQUEST,
  question_not_found: HttpStatus.NOT_FOUND,
  question_too_large: HttpStatus.UNPROCESSABLE_ENTITY,
  questions_busy: HttpStatus.SERVICE_UNAVAILABLE,
  cursor_invalid: HttpStatus.BAD_REQUEST,
  milestone_unknown: HttpStatus.BAD_REQUEST,
  occurred_at_in_the_future: HttpStatus.BAD_REQUEST,
  body_not_json: HttpStatus.BAD_REQUEST,
  body_too_deep: HttpStatus.BAD_REQUEST,
  body_not_gzip: HttpStatus.BAD_REQUEST,
  encoding_unknown: HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  batch_missing: HttpStatus.BAD_REQUEST,
  batch_too_long: HttpStatus.BAD_REQUEST,
  erasure_not_confirmed: HttpStatus.BAD_REQUEST,
  alert_not_found: HttpStatus.NOT_FOUND,
  alert_not_firing: HttpStatus.CONFLICT,
  rule_invalid: HttpStatus.BAD_REQUEST,
  segment_not_found: HttpStatus.NOT_FOUND,
  segment_exists: HttpStatus.CONFLICT,
  segment_in_use: HttpStatus.CONFLICT,
  too_many_segments: HttpStatus.CONFLICT,
  too_many_conditions: HttpStatus.CONFLICT,
  segment_unsuitable: HttpStatus.CONFLICT,
  experiment_not_found: HttpStatus.NOT_FOUND,
  experiment_exists: HttpStatus.CONFLICT,
  experiment_invalid: HttpStatus.BAD_REQUEST,
  experiment_started: HttpStatus.CONFLICT,
  experiment_not_running: HttpStatus.CONFLICT,
  experiment_not_stopped: HttpStatus.CONFLICT,
  coverage_shrinks: HttpStatus.CONFLICT,
  namespace_occupied: HttpStatus.CONFLICT,
  message_occupied: HttpStatus.CONFLICT,
  too_many_experiments: HttpStatus.CONFLICT,
  prediction_not_found: HttpStatus.NOT_FOUND,
};

/** An error that the caller can understand and act on. */
export class DomainError extends Error {
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    /** The single problems, if there are several. */
    readonly problems?: string[],
  ) {
    super(message);
  }
}
