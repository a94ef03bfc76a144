/* The page of an order or an alert on which somebody else took a step: the forms are asked for anew, unless words stand in them
   that would be lost. */
(function () {
  "use strict";
  const FORMS = { order: ["order-forms", "order-again"], alert: ["alert-handling", "alert-anew"] };
  document.addEventListener("live:put", function (event) {
    const of = (event.target.id.match(/^(order|alert)-version$/) || [])[1];
    if (!of) return;
    const shown = document.getElementById(of + "-shown"), said = document.getElementById(of + "-moved");
    const forms = document.getElementById(FORMS[of][0]), again = document.getElementById(FORMS[of][1]);
    if (!shown || !forms || !again || shown.dataset.version === event.target.textContent) return;
    const begun = Array.from(forms.querySelectorAll("textarea")).some(function (one) { return one.value.trim() !== ""; });
    if (begun) said.hidden = false; else again.click();
  });
})();
