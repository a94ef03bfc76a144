/* What a reader would see cut off or written over something else. Two lists of sentences; empty when the page is sound. */
() => {
  const seen = (el) => el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && el.getClientRects().length > 0;
  const words = (node) => {
    const { className, tagName } = node.parentElement;
    return `${(className.baseVal ?? className) || tagName}: ${node.textContent.trim().slice(0, 40)}`;
  };

  /* The part of a text that is on the screen: not what an ancestor clips or scrolls away. `lost`: nobody can scroll to the rest. */
  const clipped = (rect, el) => {
    let { left, right, top, bottom } = rect, lost = false, reach = false;
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX !== "visible" || style.overflowY !== "visible" || up.tagName === "svg") {
        if (style.display === "inline" || style.display === "contents") continue;
        const box = up.getBoundingClientRect();
        if (style.overflowX === "auto" || style.overflowX === "scroll") reach = true;
        if (!reach && (left < box.left - 1 || right > box.right + 1)) lost = true;
        left = Math.max(left, box.left); right = Math.min(right, box.right);
        top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
      }
    }
    return { left, right, top, bottom, lost };
  };

  /* What floats (a menu, a sticky head) lies over the rest by intent: it is compared with its own content only. */
  const layer = (el) => {
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(up).position)) return up;
    }
    return document.body;
  };

  const boxes = [], cut = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const el = node.parentElement;
    if (!node.textContent.trim() || !el || !seen(el) || el.closest("script, style, noscript, title, desc, .sr, option")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const size = parseFloat(getComputedStyle(el).fontSize);
    for (const rect of range.getClientRects()) {
      const shown = clipped(rect, el);
      if (shown.lost && !el.closest("[title]")) cut.push(words(node));
      if (shown.right - shown.left < 2 || shown.bottom - shown.top < 2) continue;
      /* A font's own ascent and descent reach into the lines above and below: what is drawn lies in the middle. */
      const middle = (rect.top + rect.bottom) / 2, half = size * 0.4;
      const box = { left: shown.left + 1, right: shown.right - 1, top: Math.max(shown.top, middle - half),
                    bottom: Math.min(shown.bottom, middle + half), node, layer: layer(el) };
      if (box.right > box.left && box.bottom > box.top) boxes.push(box);
    }
  }
  const over = new Set();
  boxes.sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i++) {
    const a = boxes[i];
    for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom; j++) {
      const b = boxes[j];
      if (a.node === b.node || a.layer !== b.layer) continue;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0) {
        over.add(`${words(a.node)} | ${words(b.node)}`);
      }
    }
  }
  return { cut: [...new Set(cut)], over: [...over] };
}
