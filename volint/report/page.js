"use strict";
// All of this is comfort: without it, every part of the page is there and reached by Tab.
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Theme
  const theme = document.getElementById("theme");
  const remembered = () => { try { return localStorage.getItem("volint-theme"); } catch { return null; } };
  const remember = (value) => { try { localStorage.setItem("volint-theme", value); } catch { /* not allowed here */ } };
  const dress = (value) => {
    if (value === "light" || value === "dark") root.dataset.theme = value;
    else delete root.dataset.theme;
  };
  document.getElementById("controls").hidden = false;
  const start = remembered();
  if (start === "light" || start === "dark") theme.value = start;
  dress(theme.value);
  theme.addEventListener("change", () => { dress(theme.value); remember(theme.value); });

  // Drawings: one stop for Tab in each, arrows move between its parts.
  const trace = (drawing, part) => {
    for (const each of all(".on", drawing)) each.classList.remove("on");
    drawing.classList.toggle("traced", Boolean(part));
    if (!part) return;
    const node = part.closest("[data-node]")?.dataset.node;
    const own = part.closest(".mount");
    for (const mount of all(".mount", drawing)) {
      const { container, storage } = mount.dataset;
      if (mount !== own && container !== node && storage !== node) continue;
      mount.classList.add("on");
      for (const id of [container, storage]) drawing.querySelector(`[data-node="${id}"]`)?.classList.add("on");
    }
    part.closest(".card")?.classList.add("on");
  };
  for (const drawing of all("svg.drawing[role=group]")) {
    // Listeners for focus on the drawing itself would make it a stop of its own.
    const frame = drawing.parentElement;
    const parts = all("a", drawing);
    const places = new Map(parts.map((part) => {
      const box = part.querySelector(".body").getBBox();
      return [part, { column: Number(part.dataset.column), y: box.y + box.height / 2 }];
    }));
    const choose = (part) => {
      for (const each of parts) each.setAttribute("tabindex", each === part ? "0" : "-1");
    };
    const near = (list, part) => list.sort((a, b) =>
      Math.abs(places.get(a).y - places.get(part).y) - Math.abs(places.get(b).y - places.get(part).y))[0];
    const linked = (part, column) => {
      const on = parts.filter((each) => places.get(each).column === column);
      const mount = part.closest(".mount");
      if (mount) {
        const id = column === 0 ? mount.dataset.container : mount.dataset.storage;
        return on.find((each) => each.closest(`[data-node="${id}"]`));
      }
      const id = part.closest("[data-node]").dataset.node;
      return near(on.filter((each) => {
        const data = each.closest(".mount")?.dataset;
        return data && (data.container === id || data.storage === id);
      }), part);
    };
    const beside = (part, step) => {
      const here = places.get(part);
      return parts
        .filter((each) => places.get(each).column === here.column && Math.sign(places.get(each).y - here.y) === step)
        .sort((a, b) => step * (places.get(a).y - places.get(b).y))[0];
    };
    if (parts.length) choose(parts[0]);
    frame.addEventListener("keydown", (event) => {
      const part = event.target.closest("a[data-column]");
      if (!part || event.altKey || event.ctrlKey || event.metaKey) return;
      const { column } = places.get(part);
      const next = {
        ArrowUp: () => beside(part, -1),
        ArrowDown: () => beside(part, 1),
        ArrowLeft: () => linked(part, column - 1),
        ArrowRight: () => linked(part, column + 1),
        Home: () => parts[0],
        End: () => parts[parts.length - 1],
        Escape: () => { trace(drawing, null); return null; },
      }[event.key];
      if (!next) return;
      event.preventDefault();
      const found = next();
      if (found) { choose(found); found.focus(); }
    });
    frame.addEventListener("focusin", (event) => {
      const part = event.target.closest("a");
      if (part) { choose(part); trace(drawing, part); }
    });
    frame.addEventListener("focusout", () => trace(drawing, null));
    frame.addEventListener("pointerover", (event) => trace(drawing, event.target.closest("a")));
    frame.addEventListener("pointerleave", () => trace(drawing, drawing.querySelector("a:focus")));
  }

  // Regions that scroll are reached by Tab.
  const reachable = () => {
    for (const each of all(".scroll, .snippet")) {
      if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
      else each.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);

  // Filter
  const filter = document.getElementById("filter");
  const marked = document.getElementById("marked");
  const shown = document.getElementById("shown");
  if (!filter) return;
  const own = (each) => each.textContent.toLowerCase();
  // A mount is found by the name of its container as well, and a container is shown above what is found of it.
  const rows = all("tr[data-part]").map((row) => {
    const head = row.parentElement.querySelector("tr.container");
    return { row, head, text: head && head !== row ? own(head) + own(row) : own(row) };
  });
  const findings = all(".finding").map((row) => ({ row, text: own(row) }));
  const mounts = rows.filter(({ row }) => row.dataset.part === "mount").length;
  const apply = () => {
    const words = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ text }) => words.every((word) => text.includes(word));
    let count = 0;
    const near = new Set();
    const hide = new Set();
    for (const each of rows) {
      const { row, head } = each;
      const fit = fits(each) && (!marked.checked || row.hasAttribute("data-marked"));
      row.hidden = !fit;
      if (fit && head) head.hidden = false;
      if (fit && row.dataset.part === "mount") count += 1;
      const drawn = document.getElementById(row.id.replace("row-", "at-"));
      if (!drawn) continue;
      if (!fit) hide.add(drawn);
      else {
        const mount = drawn.closest(".mount");
        const svg = drawn.ownerSVGElement;
        if (mount) for (const id of [mount.dataset.container, mount.dataset.storage]) near.add(svg.querySelector(`[data-node="${id}"]`));
      }
    }
    for (const each of all(".drawing .filtered")) each.classList.remove("filtered");
    for (const drawn of hide) {
      const part = drawn.closest(".card, .mount");
      if (!near.has(part)) part.classList.add("filtered");
    }
    for (const each of findings) each.row.hidden = !fits(each);
    for (const each of all("section.rule")) each.hidden = !all(".finding", each).some((one) => !one.hidden);
    const filtering = words.length > 0 || marked.checked;
    shown.textContent = filtering ? `${count} of ${mounts} mounts` : "";
  };
  filter.addEventListener("input", apply);
  marked.addEventListener("change", apply);
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  filter.form.addEventListener("reset", () => setTimeout(apply));
})();
