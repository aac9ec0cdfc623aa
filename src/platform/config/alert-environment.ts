import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { type AlertName, type AlertThreshold, readThresholds } from './alert-thresholds.js';
import { IsAlertRules, IsEmailAddress, IsPublicUrl } from './environment-validators.js';

/** The part of the environment that says what is watched: what is worth an alert, who is told, where traces go. */
export class AlertEnvironment {
  @IsAlertRules()
  ALERT_RULES: string = '{}';

  @IsOptional()
  @IsEmailAddress()
  ALERT_EMAIL_TO?: string;

  @IsOptional()
  @IsPublicUrl()
  ALERT_WEBHOOK_URL?: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(168)
  ALERT_REMIND_HOURS: number = 4;

  @IsOptional()
  @IsPublicUrl()
  RUNBOOK_URL?: string;

  @IsOptional()
  @IsPublicUrl()
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

export interface AlertSettings {
  readonly thresholds: Record<AlertName, AlertThreshold>;
  readonly emailTo?: string;
  /** Takes `{"text": …}`, as Slack's and Mattermost's incoming webhooks do. */
  readonly webhookUrl?: string;
  /** How often one is reminded of what nobody has acknowledged; 0 is never. */
  readonly remindHours: number;
  /** Where the runbook is; the sections are its fragments. */
  readonly runbookUrl: string;
}

export function toAlerts(env: AlertEnvironment): AlertSettings {
  const thresholds = readThresholds(env.ALERT_RULES);
  if (!thresholds) throw new Error('ALERT_RULES has not been validated');
  return {
    thresholds,
    emailTo: env.ALERT_EMAIL_TO,
    webhookUrl: env.ALERT_WEBHOOK_URL,
    remindHours: env.ALERT_REMIND_HOURS,
    runbookUrl: env.RUNBOOK_URL ?? 'docs/runbook.md',
  };
}
