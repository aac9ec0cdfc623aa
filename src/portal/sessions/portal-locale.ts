/** The languages of Stripe's portal (`billingPortal.sessions.create`, `locale`). */
const LOCALES = new Set(
  (
    'bg cs da de el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG es es-419 et fi fil fr fr-CA hr hu id it ja ko ' +
    'lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'
  ).split(' '),
);

/** Countries where Spanish is `es-419` in Stripe's portal. */
const LATIN_AMERICA = new Set('AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE'.split(' '));

/**
 * The portal's locale for a customer's (BCP 47). If the portal does not support it, `auto`: the browser's
 * language.
 */
export function portalLocaleOf(locale: string): string {
  if (!isTag(locale)) return 'auto';
  const { language, region, script } = new Intl.Locale(locale);
  const regional = `${language}-${region}`;
  if (LOCALES.has(regional)) return regional;
  if (language === 'es' && LATIN_AMERICA.has(region ?? '')) return 'es-419';
  if (language === 'zh' && (script === 'Hant' || region === 'MO')) return 'zh-TW';
  if (language === 'no' || language === 'nn') return 'nb';
  return LOCALES.has(language) ? language : 'auto';
}

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
