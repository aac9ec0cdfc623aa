/**
 * "The mailbox is full" in languages other than English, as mail servers write it. A letter with an accent
 * may arrive as two other characters, so each such letter matches one or two characters of any kind. Patterns
 * have no `\b` beside letters beyond ASCII.
 */
const SAID = [
  // French
  String.raw`\b(bo.{1,2}te|messagerie)\b[^.:;]{0,40}\b(pleine|satur.{1,2}e)`,
  // Spanish, Portuguese, Italian
  String.raw`\b(buz.{1,2}n|casilla|bandeja)\b[^.:;]{0,40}\bllen[oa]\b|\bcuota\b[^.:;]{0,30}\b(excedid|superad|agotad)`,
  String.raw`\bcaixa\b[^.:;]{0,40}\b(cheia|lotada)\b|\bcota\b[^.:;]{0,30}\bexcedida`,
  String.raw`\bcasella\b[^.:;]{0,40}\b(piena|satura)\b|\bspazio (esaurito|insufficiente)\b`,
  // German, Dutch, Danish, Swedish
  String.raw`\b(postfach|mailbox|briefkasten)\b[^.:;]{0,40}(\bvoll\b|.{1,2}berf.{1,2}llt|.{1,2}berlauf)`,
  String.raw`\b(mailbox|postvak|postbus)\b[^.:;]{0,40}\bvol\b`,
  String.raw`\b(postkasse|indbakke|brevl.{1,2}da|inkorg)\w*[^.:;]{0,40}\b(fuld|full|fyldt)\b`,
  // Polish, Czech, Turkish
  String.raw`\bskrzynk\w+[^.:;]{0,40}(pe.{1,2}n|zape.{1,2}nion)|\bprzepe.{1,2}nion\w+ skrzynk`,
  String.raw`\bschr.{1,2}nka\b[^.:;]{0,40}pln.{1,2}`,
  String.raw`\bkutusu\b[^.:;]{0,30}\bdolu\b`,
  // Russian, Ukrainian, Chinese, Japanese
  'ящик[^.:;]{0,40}(полон|полн|перепол|заполн)|(перепол|заполн)[а-яё]*( почтовый)? ящик|скринька[^.:;]{0,40}(повн|перепов)',
  '(邮箱|信箱|郵箱)[^。:;]{0,20}(已满|满了|已滿|空间不足)|(メールボックス|受信箱)[^。:;]{0,20}(いっぱい|一杯|満杯|容量)',
];

/** For text in upper or lower case. */
export const MAILBOX_FULL = new RegExp(SAID.join('|'), 'i');
/** For text in lower case. */
export const MAILBOX_FULL_LOWER_CASE = new RegExp(SAID.join('|'));
