import type { FactTypeName } from '../../events/integrations/fact-types.js';
import type { When } from '../definitions/definition.js';

interface Fact {
  type: FactTypeName;
  data: Record<string, unknown>;
}

/** Whether a fact starts runs of an automation with this trigger. */
export function isStart(when: When, { type, data }: Fact): boolean {
  switch (when.type) {
    case 'fact':
      return (
        type === when.fact && Object.entries(when.data ?? {}).every(([name, value]) => data[name] === value)
      );
    case 'stage':
      return type === 'customer.stage_changed' && when.in.some((stage) => stage === data.to);
    case 'segment':
      return (
        type === `customer.segment_${when.change}` &&
        data.segment === when.segment &&
        data.cause !== BY_DEFINITION
      );
    default:
      return false;
  }
}

/** The cause of changes of memberships because the rule of a segment was edited. */
const BY_DEFINITION = 'definition';
