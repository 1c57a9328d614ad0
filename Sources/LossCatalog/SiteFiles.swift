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
    .wide nav, .wide main { max-width: 76rem }
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
    .shape { white-space: nowrap }
    .known, .related span, #sliders p { color: var(--muted) }
    .known { margin: -0.5rem 0 0 }
    .related ul { list-style: none; padding: 0; margin: 0; display: grid; gap: 0.5rem 1.5rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }
    .related li { line-height: 1.4 }
    .related a { font-weight: 600 }
    #sliders { display: grid; gap: 0.5rem; margin: 0.75rem 0; padding: 0.75rem 1rem;
      background: var(--box); border: 1px solid var(--line); border-radius: 6px }
    #sliders div { display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr 4rem; gap: 1rem;
      align-items: center }
    #sliders label { margin: 0; overflow-wrap: anywhere }
    #sliders input { padding: 0; margin: 0; min-width: 0; accent-color: var(--link) }
    #sliders p { margin: 0; font-size: 0.875rem }
    output { font-variant-numeric: tabular-nums }
    .loss-plot .ghost { fill: none; stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 5 4 }
    .cards { list-style: none; padding: 0; margin: 0; display: grid; gap: 0.75rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)) }
    .cards li { position: relative; padding: 0.75rem 0.9rem; border: 1px solid var(--line);
      border-radius: 8px; min-width: 0 }
    .cards li:hover, .cards li:focus-within { border-color: var(--link) }
    .cards h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere }
    .cards a::after { content: ""; position: absolute; inset: 0; border-radius: 8px }
    .cards p { margin: 0.2rem 0 0; font-size: 0.9rem; line-height: 1.4; color: var(--muted) }
    .cards svg.loss-plot { display: block; width: 100%; height: auto; margin-bottom: 0.5rem }
    .cards .curve { stroke-width: 2; vector-effect: non-scaling-stroke }
    .cards .zero { vector-effect: non-scaling-stroke }
    .cards .match { color: var(--text); overflow-wrap: anywhere }
    label, legend { display: block; font-weight: 600; margin-bottom: 0.25rem; padding: 0 }
    input, select { width: 100%; max-width: 32rem; padding: 0.5rem 0.75rem; font: inherit;
      color: inherit; background: var(--back); border: 1px solid var(--muted); border-radius: 6px }
    select { width: auto; max-width: 100% }
    #search { display: grid; grid-template-columns: minmax(0, 32rem) minmax(0, 1fr); gap: 0.75rem 1.5rem }
    #filters { display: contents }
    fieldset { grid-column: 1 / -1; border: 0; padding: 0; margin: 0; min-width: 0; display: flex;
      flex-wrap: wrap; gap: 0.4rem }
    fieldset label { margin: 0; font-weight: 400; position: relative }
    fieldset input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer }
    fieldset span { display: block; padding: 0.2rem 0.7rem; border: 1px solid var(--line);
      border-radius: 1rem; background: var(--box) }
    fieldset input:checked + span { background: var(--link); border-color: var(--link);
      color: var(--back) }
    fieldset input:focus-visible + span { outline: 2px solid var(--link); outline-offset: 2px }
    #count { color: var(--muted); margin: 1rem 0 0.75rem }
    #count:empty { display: none }
    [hidden], #sliders[hidden], #filters[hidden], .cards[hidden] { display: none }
    @media (max-width: 40rem) {
      .cards li:has(svg) { display: grid; grid-template-columns: 6rem 1fr; gap: 0 0.9rem }
      .cards svg.loss-plot { grid-row: 1 / span 3; margin: 0.2rem 0 0 }
      #search { grid-template-columns: minmax(0, 1fr) }
      #sliders div { grid-template-columns: 1fr 3rem; gap: 0.1rem 1rem }
      #sliders label { grid-column: 1 / -1 }
      thead { display: none }
      tr, td { display: block }
      tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line) }
      td { border: 0; padding: 0.1rem 0 0.1rem 6.75rem; text-indent: -6.75rem }
      td > * { text-indent: 0 }
      td:empty { display: none }
      td::before { content: attr(data-head); display: inline-block; width: 6.75rem; text-indent: 0;
        color: var(--muted) }
    }

    """ + SVGStyle.css

  /// The script of the index page, which ranks as `LossRegistry.search` does. The page works without
  /// it.
  static let searchScript = """
    "use strict";
    (() => {
      const element = (id) => document.getElementById(id);
      const losses = JSON.parse(element("losses").textContent);
      const query = element("query");
      const framework = element("framework");
      const families = element("families");
      const found = element("found");
      // The search ignores case and punctuation.
      const fold = (text) => text.toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, "");
      const bare = (name) => name.slice(name.lastIndexOf(".") + 1);
      const cards = families.querySelectorAll(".cards > li");
      losses.forEach((loss, index) => {
        loss.card = cards[index];
        loss.names = [loss.name, ...loss.known].map(fold);
        loss.functions = loss.words.map(bare).map(fold);
        loss.qualified = loss.words.map(fold);
        loss.about = fold(loss.summary);
        loss.use = fold(loss.usage);
      });
      const rank = (loss, wanted) => {
        if (loss.names.includes(wanted)) return 0;
        if (loss.functions.includes(wanted)) return 1;
        if (loss.about.includes(wanted)) return 2;
        if (loss.names.some((name) => name.includes(wanted))) return 3;
        if (loss.functions.some((name) => name.includes(wanted))) return 4;
        if (loss.use.includes(wanted)) return 5;
        return loss.qualified.some((name) => name.includes(wanted)) ? 6 : Infinity;
      };
      // After the losses that match the whole query, those that match each of its words.
      const rankAll = (loss, text) => {
        const whole = rank(loss, fold(text));
        if (whole < Infinity) return whole;
        const words = text.split(/[^\\p{L}\\p{N}_.-]+/u).map(fold).filter((word) => word !== "");
        return words.length < 2 ? Infinity : 7 + Math.max(...words.map((word) => rank(loss, word)));
      };
      // A copy of the card, with the other name that matched.
      const result = (loss, wanted) => {
        const item = loss.card.cloneNode(true);
        item.hidden = false;
        const other = [...loss.known, ...loss.words];
        const same = (name) => fold(bare(name)) === wanted;
        const match = other.find(same) ?? other.find((name) => fold(name).includes(wanted));
        if (match && !loss.names[0].includes(wanted)) {
          const text = document.createElement("p");
          text.className = "match";
          text.textContent = "also " + match;
          item.append(text);
        }
        return item;
      };
      const update = () => {
        const wanted = fold(query.value);
        const task = document.querySelector("input[name=task]:checked").value;
        const passes = (loss) => (!task || loss.tasks.includes(task))
          && (!framework.value || loss.frameworks.includes(framework.value));
        const kept = losses.filter(passes);
        for (const loss of losses) loss.card.hidden = !passes(loss);
        for (const section of families.children)
          section.hidden = !section.querySelector(".cards > li:not([hidden])");
        let count = kept.length;
        found.hidden = wanted === "";
        families.hidden = wanted !== "";
        if (wanted !== "") {
          const hits = kept.map((loss) => [rankAll(loss, query.value), loss])
            .filter(([rank]) => rank < Infinity);
          hits.sort(([a], [b]) => a - b);
          found.replaceChildren(...hits.map(([, loss]) => result(loss, wanted)));
          count = hits.length;
        }
        const isAll = count === losses.length;
        element("count").textContent = isAll ? "" : count === 0 ? "No matching loss."
          : count + (count === 1 ? " loss" : " losses");
      };
      element("filters").hidden = false;
      element("anchors").hidden = true;
      query.addEventListener("input", update);
      element("filters").addEventListener("change", update);
      document.addEventListener("keydown", (event) => {
        if (event.key !== "/" || event.target.matches("input, select")) return;
        event.preventDefault();
        query.focus();
      });
      // The browser may restore the fields when one comes back to the page.
      window.addEventListener("pageshow", update);
    })();

    """

  /// The script of the sliders, which redraws the plot from the curves in the page.
  static let plotScript = """
    "use strict";
    (() => {
      const sliders = JSON.parse(document.getElementById("curves").textContent);
      const inputs = [...document.querySelectorAll("#sliders input")];
      const command = document.querySelector("#command code");
      const plainCommand = command.textContent;
      const create = (name, attributes) => {
        const element = document.createElementNS("http://www.w3.org/2000/svg", name);
        for (const key in attributes) element.setAttribute(key, attributes[key]);
        return element;
      };
      const panels = [...document.querySelectorAll(".plots svg.loss-plot > g")].map((group) => {
        const curve = group.querySelector(".curve");
        const path = curve.getAttribute("d");
        const ghost = create("path", { class: "ghost", d: "" });
        curve.before(ghost);
        return { group, curve, path, ghost, dots: [...group.querySelectorAll("circle")] };
      });
      const dots = (numbers, kind) => numbers.flatMap((x, index) => index % 2 ? []
        : [create("circle", { class: kind + " c0", cx: x, cy: numbers[index + 1], r: 3.5 })]);
      const draw = (slider, position) => {
        const drawings = slider.curves[position];
        panels.forEach((panel, index) => {
          const [path, open, closed] = drawings ? drawings[index] : [panel.path, [], []];
          panel.curve.setAttribute("d", path);
          panel.ghost.setAttribute("d", drawings ? panel.path : "");
          for (const dot of panel.group.querySelectorAll("circle")) dot.remove();
          panel.group.append(...(drawings
            ? [...dots(open, "open"), ...dots(closed, "closed")] : panel.dots));
        });
        const option = slider.option + "=" + slider.values[position];
        command.textContent = drawings
          ? plainCommand.replace(" -o ", " --option " + option + " -o ") : plainCommand;
      };
      const show = (index, position) => {
        const value = sliders[index].values[position];
        inputs[index].value = position;
        inputs[index].setAttribute("aria-valuetext", value);
        inputs[index].nextElementSibling.textContent = value;
      };
      inputs.forEach((input, index) => {
        show(index, sliders[index].start);
        input.addEventListener("input", () => {
          sliders.forEach((slider, other) => { if (other !== index) show(other, slider.start); });
          show(index, Number(input.value));
          draw(sliders[index], Number(input.value));
        });
      });
      document.getElementById("sliders").hidden = false;
    })();

    """
}
