import type { AlertDeclaration } from './alert-declaration.js';
import { INTEGRATION_ALERTS } from './integration.alerts.js';
import { OPERATION_ALERTS } from './operation.alerts.js';
import { TRAFFIC_ALERTS } from './traffic.alerts.js';

const DECLARED = { ...TRAFFIC_ALERTS, ...OPERATION_ALERTS, ...INTEGRATION_ALERTS };

export type AlertName = keyof typeof DECLARED;

/** The built-in alerts, in the order of lists. */
export const ALERTS: Readonly<Record<AlertName, AlertDeclaration>> = DECLARED;

export const ALERT_NAMES = Object.keys(ALERTS) as AlertName[];
