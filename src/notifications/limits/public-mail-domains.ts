/**
 * Where very many people have their mailbox: their number, not an attack, decides how much we send there. What
 * protects a person with such an address is the cap per recipient.
 */
export const PUBLIC_MAIL_DOMAINS: readonly string[] = `
  gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com
  hotmail.co.uk hotmail.fr hotmail.de hotmail.es hotmail.it outlook.de outlook.es
  outlook.fr live.co.uk live.fr live.nl icloud.com me.com mac.com yahoo.com
  ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.es yahoo.it
  yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.co.in yahoo.co.jp yahoo.ca aol.com
  gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com
  proton.me protonmail.com pm.me tutanota.com fastmail.com zoho.com hey.com
  mail.ru bk.ru list.ru inbox.ru yandex.ru yandex.com qq.com 163.com 126.com
  sina.com naver.com daum.net rediffmail.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp
  
  terra.com.br uol.com.br bol.com.br telefonica.net seznam.cz wp.pl o2.pl onet.pl
  comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
  btinternet.com sky.com virginmedia.com talktalk.net bigpond.com optusnet.com.au
  shaw.ca rogers.com sympatico.ca ziggo.nl kpnmail.nl telenet.be bluewin.ch
`
  .trim()
  .split(/\s+/);
