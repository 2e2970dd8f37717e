(function () {
  "use strict";
  var form = document.getElementById("filter");
  var text = document.getElementById("filter-text");
  var verdict = document.getElementById("filter-verdict");
  var count = document.getElementById("filter-count");
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-verdict]"));
  var groups = Array.prototype.slice.call(document.querySelectorAll(".group"));

  function matches(item, wanted, words) {
    if (wanted && item.dataset.verdict !== wanted) { return false; }
    if (!words) { return true; }
    return item.textContent.toLowerCase().indexOf(words) >= 0;
  }

  function apply() {
    var words = text.value.trim().toLowerCase();
    var rows = 0;
    items.forEach(function (item) {
      var shown = matches(item, verdict.value, words);
      item.toggleAttribute("data-out", !shown);
      if (shown && item.tagName === "TR") { rows += 1; }
    });
    groups.forEach(function (group) {
      group.toggleAttribute("data-out", !group.querySelector("[data-verdict]:not([data-out])"));
    });
    count.textContent = words || verdict.value ? rows + " " + count.dataset.words : "";
  }

  // A link into a closed part opens it; one to a part that the filter hides takes the filter away.
  function reveal() {
    var at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!at) { return; }
    if (at.closest("[data-out]")) { text.value = ""; verdict.value = ""; apply(); }
    for (var part = at; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") { part.open = true; }
    }
    at.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  text.addEventListener("input", apply);
  verdict.addEventListener("change", apply);
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("article details").forEach(function (part) { part.open = true; });
  });
  if (location.hash) { reveal(); }
}());
