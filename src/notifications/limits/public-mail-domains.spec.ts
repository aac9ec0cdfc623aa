import { describe, expect, it } from 'vitest';
import { PUBLIC_MAIL_DOMAINS } from './public-mail-domains.js';

describe('the domains of mailbox providers', () => {
  it.each([
    ['Google', ['gmail.com', 'googlemail.com']],
    ['Apple', ['icloud.com', 'me.com', 'mac.com']],
    ["Apple's relays", ['privaterelay.appleid.com', 'private.icloud.com']],
    ['other relays', ['mozmail.com', 'duck.com', 'passmail.net', 'simplelogin.com']],
    ['Microsoft', ['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'hotmail.co.jp', 'outlook.com.br']],
    ['Yahoo and AOL', ['yahoo.com', 'yahoo.co.jp', 'yahoo.com.tw', 'ymail.com', 'aol.com', 'att.net']],
    [
      'private mail',
      ['proton.me', 'protonmail.com', 'tuta.com', 'tutanota.com', 'fastmail.com', 'posteo.de'],
    ],
    ['North America', ['comcast.net', 'charter.net', 'cox.net', 'rogers.com', 'videotron.ca']],
    ['Latin America', ['uol.com.br', 'bol.com.br', 'terra.com.br']],
    ['Germany', ['gmx.de', 'gmx.net', 'web.de', 't-online.de', 'freenet.de']],
    ['France', ['orange.fr', 'wanadoo.fr', 'free.fr', 'sfr.fr', 'laposte.net']],
    ['the Low Countries', ['ziggo.nl', 'kpnmail.nl', 'telenet.be', 'skynet.be']],
    ['the United Kingdom', ['btinternet.com', 'sky.com', 'virginmedia.com', 'ntlworld.com']],
    ['Italy', ['libero.it', 'virgilio.it', 'alice.it', 'tiscali.it']],
    ['Poland', ['wp.pl', 'o2.pl', 'onet.pl', 'interia.pl']],
    ['Czechia and Hungary', ['seznam.cz', 'centrum.cz', 'freemail.hu', 'citromail.hu']],
    ['Russia and Ukraine', ['mail.ru', 'bk.ru', 'internet.ru', 'yandex.ru', 'rambler.ru', 'ukr.net']],
    ['China', ['qq.com', 'foxmail.com', '163.com', '126.com', 'sina.com', 'sohu.com', '139.com']],
    ['Japan', ['docomo.ne.jp', 'ezweb.ne.jp', 'au.com', 'softbank.ne.jp', 'i.softbank.jp']],
    ['Korea', ['naver.com', 'hanmail.net', 'daum.net', 'nate.com']],
    ['India', ['rediffmail.com', 'yahoo.co.in']],
    ['Australia', ['bigpond.com', 'optusnet.com.au', 'xtra.co.nz']],
  ])('include the large ones of %s', (_, domains) => {
    expect(domains.filter((domain) => !PUBLIC_MAIL_DOMAINS.includes(domain))).toEqual([]);
  });

  it('are written as mail servers know them, each once', () => {
    expect(PUBLIC_MAIL_DOMAINS.filter((domain) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))).toEqual([]);
    expect(new Set(PUBLIC_MAIL_DOMAINS).size).toBe(PUBLIC_MAIL_DOMAINS.length);
  });

  it.each(['mingus.app', 'example.com', 'google.com', 'microsoft.com', 'apple.com', 'telia.com'])(
    'do not include the company domain %s',
    (domain) => {
      expect(PUBLIC_MAIL_DOMAINS).not.toContain(domain);
    },
  );
});
