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

  function fill(row) {
    var at = row.dataset.packed.split(".");
    delete row.dataset.packed;
    unpack(at[0]).then(function (list) {
      var said = list[Number(at[1])];
      var about = add(row, "p", said.about);
      if (about) { about.className = "about"; }
      add(row, "p", said.error, "note");
      if (said.request) { add(row, "h5", words.request); add(row, "pre", said.request); }
      add(row, "p", said.requestNote, "note");
      if (said.response) { add(row, "h5", words.response); add(row, "pre", said.response); }
      add(row, "p", said.responseNote, "note");
      folded(row, words.curl, said.curl);
      folded(row, words.hurl, said.hurl, row.id.replace("x", "exchange-") + ".hurl");
    }).catch(function () { add(row, "p", words.unread, "note"); });
  }

  // toggle does not bubble, but it can be caught on its way down.
  document.addEventListener("toggle", function (event) {
    if (event.target.open && event.target.dataset.packed) { fill(event.target); }
  }, true);
  document.querySelectorAll("article .curl pre").forEach(serve);
}());
