/** The mails of a mailbox file (mboxrd). Each begins with a `From ` line after an empty line. */
export function mailsOf(mbox: Buffer): Buffer[] {
  return mbox
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .split(/(?:^|\n\n)From [^\n]*\n/)
    .slice(1)
    .map((mail) => Buffer.from(`${mail.replace(/^>(>*From )/gm, '$1').trimEnd()}\n`, 'latin1'));
}
