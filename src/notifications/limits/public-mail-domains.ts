interface MailProviders {
  /** The source that lists these domains as public mailbox providers. */
  source: string;
  domains: string;
}

/** Lists of domains where any person may open a mailbox: npm packages of these names and versions. */
const PUBLIC_LISTS = 'free-email-domains 1.12.6 (HubSpot), email-providers 2.26.0';

/**
 * The largest providers of each region. Domains of {@link PUBLIC_LISTS} are in at least one of the two
 * packages. The others name their source.
 */
const MAIL_PROVIDERS: readonly MailProviders[] = [
  // Google
  { source: PUBLIC_LISTS, domains: 'gmail.com googlemail.com' },
  // Apple, with the relays of "Hide My Email"
  { source: PUBLIC_LISTS, domains: 'icloud.com me.com mac.com' },
  { source: 'https://support.apple.com/HT210425 (Hide My Email)', domains: 'privaterelay.appleid.com' },
  { source: "Apple's announcement to developers of June 2026", domains: 'private.icloud.com' },
  // Microsoft
  {
    source: 'validator.js 13.15, normalizeEmail',
    domains: `
      outlook.com hotmail.com live.com msn.com passport.com
      hotmail.at hotmail.be hotmail.ca hotmail.cl hotmail.co.il hotmail.co.nz hotmail.co.th hotmail.co.uk
      hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.com.gr hotmail.com.mx hotmail.com.pe hotmail.com.tr
      hotmail.com.vn hotmail.cz hotmail.de hotmail.dk hotmail.es hotmail.fr hotmail.hu hotmail.id hotmail.ie
      hotmail.in hotmail.it hotmail.jp hotmail.kr hotmail.lv hotmail.my hotmail.ph hotmail.pt hotmail.sa
      hotmail.sg hotmail.sk
      live.be live.co.uk live.com.ar live.com.mx live.de live.es live.eu live.fr live.it live.nl
      outlook.at outlook.be outlook.cl outlook.co.il outlook.co.nz outlook.co.th outlook.com.ar outlook.com.au
      outlook.com.br outlook.com.gr outlook.com.pe outlook.com.tr outlook.com.vn outlook.cz outlook.de
      outlook.dk outlook.es outlook.fr outlook.hu outlook.id outlook.ie outlook.in outlook.it outlook.jp
      outlook.kr outlook.lv outlook.my outlook.ph outlook.pt outlook.sa outlook.sg outlook.sk`,
  },
  {
    source: PUBLIC_LISTS,
    domains: `
      hotmail.ch hotmail.co.jp hotmail.co.za hotmail.fi hotmail.gr hotmail.nl hotmail.no hotmail.se
      live.at live.ca live.cl live.cn live.co.za live.com.au live.com.pt live.com.sg live.dk live.hk live.ie
      live.in live.jp live.no live.se
      outlook.nl outlook.tw msn.cn msn.nl`,
  },
  // Yahoo, AOL and the providers whose mailboxes they host
  {
    source: PUBLIC_LISTS,
    domains: `
      yahoo.com ymail.com rocketmail.com aol.com aim.com aol.co.uk aol.de aol.fr aol.it netscape.net
      yahoo.at yahoo.be yahoo.ca yahoo.ch yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz
      yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.co
      yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn
      yahoo.cz yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it
      yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se
      verizon.net att.net sbcglobal.net bellsouth.net pacbell.net swbell.net`,
  },
  // International providers
  {
    source: PUBLIC_LISTS,
    domains: `
      proton.me protonmail.com protonmail.ch pm.me tutanota.de tuta.io fastmail.com fastmail.fm
      zoho.com zohomail.com hey.com mail.com email.com usa.com gmx.com gmx.us hushmail.com inbox.com duck.com`,
  },
  { source: 'Tuta', domains: 'tuta.com tutanota.com tutamail.com keemail.me' },
  // Relays that hide an address, as Apple's do
  { source: 'Firefox Relay', domains: 'mozmail.com' },
  { source: 'Proton Pass', domains: 'passmail.net passinbox.com' },
  { source: 'SimpleLogin', domains: 'simplelogin.com aleeas.com slmails.com' },
  // North America
  {
    source: PUBLIC_LISTS,
    domains: `
      comcast.net cox.net charter.net earthlink.net frontier.com juno.com mindspring.com netzero.net
      optonline.net rr.com roadrunner.com windstream.net shaw.ca rogers.com sympatico.ca telus.net videotron.ca
      cogeco.ca`,
  },
  // Latin America
  {
    source: PUBLIC_LISTS,
    domains: `
      terra.com.br uol.com.br bol.com.br ig.com.br globo.com oi.com.br terra.com terra.cl terra.com.ar
      prodigy.net`,
  },
  // Germany, Austria, Switzerland
  {
    source: PUBLIC_LISTS,
    domains: `
      gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de arcor.de online.de posteo.de mailbox.org
      mail.de bluewin.ch`,
  },
  // France, Belgium, the Netherlands
  {
    source: PUBLIC_LISTS,
    domains: `
      orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr club-internet.fr voila.fr gmx.fr
      telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl hetnet.nl home.nl chello.nl upcmail.nl`,
  },
  // The United Kingdom and Ireland
  {
    source: PUBLIC_LISTS,
    domains: `
      btinternet.com sky.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk talktalk.net
      tiscali.co.uk btopenworld.com gmx.co.uk eircom.net`,
  },
  // Italy, Spain, Portugal
  {
    source: PUBLIC_LISTS,
    domains: `
      libero.it virgilio.it alice.it tin.it tiscali.it iol.it poste.it gmx.es terra.es telefonica.net
      wanadoo.es sapo.pt`,
  },
  // Northern Europe
  {
    source: PUBLIC_LISTS,
    domains: 'spray.se online.no mail.dk jubii.dk luukku.com kolumbus.fi elisanet.fi hot.ee mail.ee inbox.lv',
  },
  // Eastern Europe
  {
    source: PUBLIC_LISTS,
    domains: `
      wp.pl o2.pl onet.pl interia.pl gazeta.pl seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu
      abv.bg mail.bg ukr.net i.ua meta.ua`,
  },
  // Russia and its neighbours
  {
    source: PUBLIC_LISTS,
    domains: `
      mail.ru bk.ru list.ru inbox.ru yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru rambler.ru`,
  },
  {
    source: 'https://redaktor.az/news/tech/211948 (August 2023, after TASS)',
    domains: 'internet.ru xmail.ru',
  },
  // The Middle East and Turkey
  { source: PUBLIC_LISTS, domains: 'walla.co.il mynet.com' },
  // China
  {
    source: PUBLIC_LISTS,
    domains: `
      qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net 139.com 189.cn 21cn.com tom.com sina.com sina.cn
      sohu.com aliyun.com`,
  },
  // Japan and Korea
  {
    source: PUBLIC_LISTS,
    domains: `
      docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp vodafone.ne.jp au.com ymobile.ne.jp nifty.com
      ocn.ne.jp biglobe.ne.jp naver.com hanmail.net daum.net nate.com`,
  },
  // South Asia, Australia, New Zealand
  {
    source: PUBLIC_LISTS,
    domains: `
      rediffmail.com sify.com indiatimes.com bigpond.com bigpond.net.au optusnet.com.au iinet.net.au
      tpg.com.au westnet.com.au ozemail.com.au xtra.co.nz`,
  },
];

/**
 * Domains where very many people have their mailbox. Many mails to such a domain are not an attack. The cap
 * per recipient protects a person with such an address.
 */
export const PUBLIC_MAIL_DOMAINS: readonly string[] = MAIL_PROVIDERS.flatMap(({ domains }) =>
  domains.trim().split(/\s+/),
);
