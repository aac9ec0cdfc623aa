const MRR =
  "Monthly recurring revenue of active and past-due subscriptions, without trials, tax and metered items, in the minor unit of each currency, by Stripe's time. Currencies are not converted.";

/** What the reports mean; part of each answer. */
export const DEFINITIONS = {
  now: MRR,
  months: `${MRR} The revenue at the end of a month is the sum of all movements before that moment.`,
  churn:
    'Customers without revenue at the end ÷ (customers with revenue 30 days before + customers who began or came back since). A customer who left and came back within the 30 days has not churned.',
  retention: `Of the customers with revenue when the month began: gross = Σ min(revenue at its end, at its beginning) ÷ Σ at its beginning; net = Σ at its end ÷ Σ at its beginning. ${MRR}`,
  cohorts: `Customers by the first month at whose end they had revenue: gross = Σ min(revenue at the end of the later month, of the first) ÷ Σ of the first; net = Σ of the later month ÷ Σ of the first. ${MRR}`,
} as const;
