// The share dialog in full: every way of the registry that the feed names, the sharer's own words, the file for apps.
// Ways of sharing that lead elsewhere are plain links, so that a middle click works too.
import CSS from './share.css';
import WAYS from './networks.json'; // name → [label, whether it is a public place, group of its sign]

const SIGNS = {
  __proto__: null,
  x: 'M4.5 4h4l11 16h-4zM4.5 20l6.3-7M19.5 4l-6 6.5',
  linkedin: 'M4 4h16v16H4zM8 11v5M8 7.5v0M12 16v-5M12 13.5c0-3.3 4.5-3.3 4.5 0V16',
  whatsapp: 'M3.5 20.5L5 16a8.5 8.5 0 1 1 3 3zM9 8c-1 4 3 8 7 7v-2l-2-1-1 1-2-2 1-1-1-2z',
  email: 'M3 5h18v14H3zM3 7l9 6 9-6',
  sms: 'M4 4h16v12h-9l-4 4v-4H4zM8 10v0M12 10v0M16 10v0',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2h-2v4h-4M20 20v0',
  embed: 'M8 7l-5 5 5 5M16 7l5 5-5 5',
  download: 'M12 3v12M7 10l5 5 5-5M4 20h16',
  video: 'M3 6h12v12H3zM15 11l6-4v10l-6-4z',
};
const BUILT_IN = ['native', 'x', 'linkedin', 'whatsapp'];
let home = ''; // the visitor's Mastodon server: asked once, kept for this page view only

/** extend(box, item, view) completes the dialog `box` of core. */
export default ({ button, copy, dress, el, fillIn, icon, load, mint, webAddress }) => async (box, item, view) => {
  const targets = box.querySelector('.targets');
  const names = view.networks.filter((name) => Object.hasOwn(WAYS, name) && (item.social || !WAYS[name][1]));
  const report = (network) => view.report('share', item, { network });
  const signs = await signsFor(load, names);
  let words = '';
  let minted;

  const sign = (name) => {
    const path = signs[name] || SIGNS[name];
    const picture = icon(path.replace('!', ''));
    if (signs[name]) picture.setAttribute('class', path[0] === '!' ? 'brand holes' : 'brand');
    return picture;
  };
  const link = (name, more) => {
    const href = fillIn(view.links.share, item, name);
    return href && el('a', { class: name, href, rel: 'noopener', click: () => report(name), ...more }, sign(name), WAYS[name][0]);
  };
  const act = (name, click, label = WAYS[name][0]) => button(name, null, click, sign(name), label);

  const special = {
    __proto__: null,
    email: () => link('email', { target: null }),
    sms: () => link('sms', { target: null }),
    mastodon: () => link('mastodon', { target: '_blank', click: (event) => toMastodon(event) }),
    embed: () => act('embed', async () => {
      if (await copy(Promise.resolve(embedCode()), field(), view)) report('embed');
    }),
    qr: () => view.links.shares && act('qr', async ({ currentTarget: { lastChild: label } }) => {
      minted ||= mint(item, view, 'qr');
      const src = `${await minted}/qr.svg`;
      const shown = box.querySelector('.code');
      if (shown) return shown.remove();
      const code = el('img', { class: 'code', alt: 'QR code of the link', width: 200, height: 200, src, load: () => report('qr'), error: () => {
        // Without a short link there is no code of it.
        code.remove();
        minted = null;
        label.textContent = 'Not there now';
      } });
      label.textContent = WAYS.qr[0];
      targets.after(code);
    }),
    download: () => item.file && el('a', { class: 'download', href: downloadOf(item.file.src), download: '', click: () => report('download') }, sign('download'), WAYS.download[0]),
  };

  const field = () => {
    let row = box.querySelector('.more-link');
    if (!row) targets.after(row = el('div', { class: 'link more-link' }, el('input', { readonly: true, 'aria-label': 'Embed code' })));
    return row.firstChild;
  };
  const embedCode = () => {
    const src = fillIn(view.links.embed, item) || `${item.shareUrl}/player`;
    const shape = item.ratio || 16 / 9;
    const title = item.name.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt()};`);
    return `<iframe src="${src}" title="${title}" style="border:0;width:100%;aspect-ratio:${shape.toFixed(3)}" loading="lazy" allow="fullscreen; picture-in-picture; web-share" allowfullscreen></iframe>`;
  };

  /** Without a server of theirs, a small form asks for it. The link itself leads to a page that asks, too. */
  const toMastodon = async (event) => {
    event.preventDefault();
    if (home) return openMastodon();
    if (box.querySelector('.server')) return box.querySelector('.server').focus();
    const server = el('input', { class: 'server', 'aria-label': 'Your Mastodon server', placeholder: 'mastodon.social', autocapitalize: 'none', spellcheck: 'false' });
    targets.after(el('form', { class: 'link more-link', submit: (submitted) => {
      submitted.preventDefault();
      const address = webAddress(`https://${server.value.trim().replace(/^https?:\/\//, '')}`);
      home = address && new URL(address).host;
      if (home.includes('.')) openMastodon();
      else server.focus();
    } }, server, el('button', { class: 'button' }, 'Go on')));
    server.focus();
  };
  const openMastodon = async () => {
    const tab = open('about:blank', '_blank'); // at once, or the browser takes it for a pop-up
    const text = `${words || item.quote} ${await mint(item, view, 'mastodon')}`.trim();
    const address = `https://${home}/share?text=${encodeURIComponent(text)}`;
    if (tab) {
      tab.opener = null;
      tab.location.href = address;
    }
    report('mastodon');
  };

  const apply = () => {
    for (const node of targets.querySelectorAll('a:not(.download)')) {
      const address = new URL(node.href);
      if (words) address.searchParams.set('text', words);
      else address.searchParams.delete('text');
      node.href = address.href;
    }
    const native = targets.querySelector('.native');
    if (native) native.words = words;
  };

  dress(box.getRootNode(), CSS);
  // In the order of the feed; what is there already stays where it is, and so does the focus in it.
  const here = (name) => targets.querySelector(`.${name}`);
  names.forEach((name, place) => {
    const known = BUILT_IN.includes(name) && here(name);
    if (known) {
      if (name !== 'native') known.firstChild.replaceWith(sign(name));
      return;
    }
    if (BUILT_IN.includes(name) || name === 'copy') return;
    const made = special[name] ? special[name]() : link(name, { target: '_blank' });
    const later = names.slice(place + 1).map(here).find(Boolean);
    if (made) targets.insertBefore(made, later || null);
  });
  const file = videoButton(item, act, report);
  if (file && here('native')) here('native').after(file);
  if (targets.querySelector('a, .native')) {
    targets.after(el('label', { class: 'own' }, 'Your words', el('textarea', {
      rows: 2, maxlength: 500, dir: 'auto', placeholder: 'Left empty, we suggest some', input: ({ target }) => {
        words = target.value.trim();
        apply();
      },
    })));
  }
};

/** The signs of brands, where one is wanted that has no drawing of our own: then all are of that kind. */
async function signsFor(load, names) {
  const groups = names.filter((name) => !SIGNS[name]).map((name) => WAYS[name][2]).filter((group) => group >= 0);
  if (!groups.length) return {};
  const wanted = new Set(names.map((name) => WAYS[name][2]).filter((group) => group >= 0));
  const found = await Promise.all([...wanted].map((group) => load(`brands${group}`)));
  return Object.assign({ __proto__: null }, ...found);
}

/** For apps that take a file and no link. It has to be here before the tap that hands it over, so it may take two. */
function videoButton(item, act, report) {
  if (!item.file || !item.social || !navigator.canShare) return null;
  const { src, type } = item.file;
  const fileOf = (body) => new File([body], 'testimonial.mp4', { type: type || 'video/mp4' });
  if (!navigator.canShare({ files: [fileOf('')] })) return null;
  let file;
  const give = act('video', async () => {
    const label = give.lastChild;
    try {
      if (!file) {
        label.textContent = 'Getting it…';
        const answer = await fetch(src, { credentials: 'omit' });
        if (!answer.ok) throw Error(answer.status);
        file = fileOf(await answer.blob());
      }
      label.textContent = 'Video';
      await navigator.share({ files: [file] });
      report('native');
    } catch ({ name }) {
      if (name === 'NotAllowedError') label.textContent = 'Tap again';
      else if (name !== 'AbortError') label.textContent = 'Not there now';
    }
  }, 'Video');
  return give;
}

function downloadOf(src) {
  const address = new URL(src);
  address.searchParams.set('download', '');
  return address.href;
}
