import LossPlots

/// The shared files of all pages.
enum SiteFiles {
  /// The style sheet, for light and dark mode and for wide and narrow pages.
  static let styleSheet = """
    :root { color-scheme: light dark; --back: #ffffff; --text: #1f2328; --muted: #57606a;
      --line: #d8dee4; --box: #f6f8fa; --link: #0b5cad }
    @media (prefers-color-scheme: dark) {
      :root { --back: #0d1117; --text: #e6edf3; --muted: #9aa4af; --line: #30363d; --box: #161b22;
        --link: #6cb6ff }
    }
    * { box-sizing: border-box }
    body { margin: 0; background: var(--back); color: var(--text);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
    header { border-bottom: 1px solid var(--line) }
    nav, main { max-width: 56rem; margin: 0 auto; padding: 0.75rem 1rem }
    nav a { margin-right: 1.25rem; font-weight: 600 }
    main { padding-bottom: 4rem }
    a { color: var(--link); text-decoration: none }
    a:hover, a:focus-visible { text-decoration: underline }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; overflow-wrap: anywhere }
    h2 { font-size: 1.15rem; margin: 2rem 0 0.6rem; padding-top: 0.4rem;
      border-top: 1px solid var(--line) }
    h3 { font-size: 1rem; margin: 1rem 0 0.4rem }
    .family { margin: 1rem 0 0 }
    .summary { color: var(--muted); margin-top: 0 }
    code, pre { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
    td, li { overflow-wrap: break-word }
    pre { background: var(--box); border: 1px solid var(--line); border-radius: 6px;
      padding: 0.75rem 1rem; overflow-x: auto; margin: 0.5rem 0 }
    pre code { font-size: 1em; overflow-wrap: normal }
    .table { overflow-x: auto }
    table { border-collapse: collapse; width: 100% }
    th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.9rem 0.4rem 0;
      border-bottom: 1px solid var(--line) }
    th { color: var(--muted); font-weight: 600 }
    .formula { background: var(--box); border: 1px solid var(--line); border-radius: 6px;
      padding: 0.75rem 1rem; overflow-x: auto; font-size: 1.15em }
    math { text-align: left }
    math[display="block"] { width: max-content; margin: 0 }
    mtd { text-align: left; padding: 0.3em 1.6em 0.3em 0 }
    details { margin-top: 0.5rem; color: var(--muted) }
    .plots { display: flex; flex-wrap: wrap; gap: 1rem }
    figure { margin: 0; flex: 1 1 18rem; min-width: 0; max-width: 26rem }
    svg.loss-plot { width: 100%; height: auto }
    .losses { list-style: none; padding: 0; margin: 0 }
    .losses li { padding: 0.4rem 0; border-bottom: 1px solid var(--line);
      display: grid; grid-template-columns: minmax(0, 19rem) 1fr; gap: 0 1rem }
    .losses a { font-weight: 600; overflow-wrap: anywhere }
    .losses span { color: var(--muted) }
    label { display: block; font-weight: 600; margin-bottom: 0.25rem }
    input { width: 100%; max-width: 32rem; padding: 0.5rem 0.75rem; font: inherit; color: inherit;
      background: var(--back); border: 1px solid var(--muted); border-radius: 6px }
    #found { margin-top: 1rem }
    @media (max-width: 40rem) {
      .losses li { grid-template-columns: 1fr }
      thead { display: none }
      tr, td { display: block }
      tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line) }
      td { border: 0; padding: 0.1rem 0 0.1rem 6rem; text-indent: -6rem }
      td > * { text-indent: 0 }
      td:empty { display: none }
      td::before { content: attr(data-head); display: inline-block; width: 6rem; text-indent: 0;
        color: var(--muted) }
    }

    """ + SVGStyle.css

  /// The search script, which uses the list of losses in the index page. The page works without it.
  static let searchScript = """
    "use strict";
    (() => {
      const losses = JSON.parse(document.getElementById("losses").textContent);
      const query = document.getElementById("query");
      const found = document.getElementById("found");
      const families = document.getElementById("families");
      // The search ignores case and punctuation.
      const plain = (text) => text.toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, "");
      for (const loss of losses) {
        loss.names = [loss.name, ...loss.words].map(plain);
        loss.text = plain(loss.summary);
      }
      const rank = (loss, word) => {
        if (loss.names[0] === word) return 0;
        if (loss.names[0].startsWith(word)) return 1;
        if (loss.names.some((name) => name.endsWith(word))) return 2;
        if (loss.names.some((name) => name.includes(word))) return 3;
        return loss.text.includes(word) ? 4 : -1;
      };
      const row = (loss, word) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        const text = document.createElement("span");
        link.href = loss.page;
        link.textContent = loss.name;
        const other = loss.words.find((name) => plain(name).includes(word));
        const isOwn = loss.names[0].includes(word) || !other;
        text.textContent = isOwn ? loss.summary : other + ": " + loss.summary;
        item.append(link, text);
        return item;
      };
      const search = () => {
        const word = plain(query.value);
        families.hidden = word !== "";
        found.hidden = word === "";
        const hits = losses.map((loss) => [rank(loss, word), loss]).filter(([rank]) => rank >= 0);
        hits.sort(([a], [b]) => a - b);
        found.replaceChildren(...hits.map(([, loss]) => row(loss, word)));
        if (hits.length === 0) {
          const item = document.createElement("li");
          item.textContent = "No matching loss.";
          found.append(item);
        }
      };
      query.addEventListener("input", search);
      if (query.value) search();
    })();

    """
}
