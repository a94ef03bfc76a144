/* An order's page on which somebody else took a step: the forms are asked for anew, unless words stand in them that would be lost. */
(function () {
  "use strict";
  document.addEventListener("live:put", function (event) {
    if (event.target.id !== "order-version") return;
    const shown = document.getElementById("order-shown"), forms = document.getElementById("order-forms");
    const again = document.getElementById("order-again"), said = document.getElementById("order-moved");
    if (!shown || !forms || !again || shown.dataset.version === event.target.textContent) return;
    const begun = Array.from(forms.querySelectorAll("textarea")).some(function (one) { return one.value.trim() !== ""; });
    if (begun) said.hidden = false; else again.click();
  });
})();
