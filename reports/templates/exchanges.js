(function () {
  "use strict";
  var words = document.getElementById("words").dataset;
  var chunks = {};

  // What a chunk says, unpacked once: it is base64 of gzip of JSON.
  function unpack(id) {
    if (!chunks[id]) {
      var packed = Uint8Array.from(atob(document.getElementById("d" + id).textContent), function (c) { return c.charCodeAt(0); });
      chunks[id] = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
    }
    return chunks[id];
  }

  function add(to, name, text, kind) {
    if (!text) { return null; }
    var e = document.createElement(name);
    e.textContent = text;
    if (kind) { e.className = kind; }
    to.appendChild(e);
    if (name === "pre") { e.tabIndex = 0; }
    return e;
  }

  function folded(to, title, text, file) {
    if (!text) { return; }
    var part = document.createElement("details");
    part.className = "curl";
    add(part, "summary", title);
    var shown = add(part, "pre", text);
    if (file) { shown.dataset.file = file; }
    to.appendChild(part);
    serve(shown);
  }

  // A button that copies a command, and one that saves a file of it.
  function serve(shown) {
    var bar = document.createElement("p");
    if (navigator.clipboard) {
      var copy = add(bar, "button", words.copy);
      copy.type = "button";
      copy.addEventListener("click", function () { navigator.clipboard.writeText(shown.textContent); });
    }
    if (shown.dataset.file) {
      var save = add(bar, "a", words.save);
      save.download = shown.dataset.file;
      save.href = URL.createObjectURL(new Blob([shown.textContent], {type: "text/plain"}));
    }
    shown.before(bar);
  }

  function fill(line) {
    var at = line.dataset.packed.split(".");
    delete line.dataset.packed;
    var row = document.createElement("div");
    row.className = "said";
    line.appendChild(row);
    unpack(at[0]).then(function (list) {
      var said = list[Number(at[1])];
      var about = add(row, "p", said.about);
      if (about) { about.className = "about"; }
      add(row, "p", said.error, "note");
      if (said.request) { add(row, "h5", words.request); add(row, "pre", said.request); }
      add(row, "p", said.requestNote, "note");
      if (said.response) { add(row, "h5", words.response); add(row, "pre", said.response); }
      add(row, "p", said.responseNote, "note");
      folded(row, words.shell, said.curl);
      folded(row, words.entry, said.hurl, line.id.replace("x", "exchange-") + ".hurl");
    }).catch(function () { add(row, "p", words.unread, "note"); });
  }

  // What a link leads to is opened; its own link closes it again. Plain elements, because thousands of details would keep
  // a reader waiting.
  function open() {
    var at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (at && at.dataset.packed) { fill(at); }
  }
  window.addEventListener("hashchange", open);
  document.addEventListener("click", function (event) {
    var line = event.target.closest(".exchanges .exchange > a") && event.target.closest(".exchange");
    var shown = line && line.querySelector(".said");
    if (shown) { shown.hidden = !shown.hidden; }
    if (line && line.dataset.packed) { fill(line); }
  });
  open();
  document.querySelectorAll("article .curl pre").forEach(serve);
}());
