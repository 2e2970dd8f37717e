// Keeps a run under way, and the gateway's journal, up to date. The pages are whole without it.
"use strict";
(() => {
  const limit = 1000; // rows of a table
  const cell = (row, text, name, tag) => {
    const td = row.insertCell();
    td.className = name;
    const inner = tag ? td.appendChild(document.createElement(tag)) : td;
    inner.textContent = text;
    return inner;
  };
  const trim = (body, first) => {
    while (body.rows.length > limit) body.deleteRow(first ? 0 : -1);
  };
  const follow = (element, show) => {
    document.getElementById("live-static")?.remove();
    const source = new EventSource(element.dataset.stream);
    source.onmessage = (message) => show(JSON.parse(message.data), source);
    // A refused stream is a run that is over, or a sign-in that has ended: the page itself says which.
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) location.reload();
    };
    addEventListener("pagehide", () => source.close());
  };

  const live = document.getElementById("live");
  if (live) {
    const bar = document.getElementById("live-bar");
    const count = document.getElementById("live-count");
    const scenarios = document.getElementById("live-scenarios");
    const sequence = document.getElementById("live-sequence");
    const region = document.getElementById("live-region");
    const earlier = document.getElementById("live-earlier");
    const drawn = 500; // rows of the sequence
    const toEnd = (part) => (part.scrollTop = part.scrollHeight);
    // Whoever has scrolled back reads: the end is followed only where it is in sight.
    const atEnd = (part) => part.scrollHeight - part.scrollTop - part.clientHeight < 60;
    const scenarioRegion = scenarios?.closest(".live-region");
    let waiting = [];
    const draw = () => {
      const follows = atEnd(region);
      for (const item of waiting) sequence.append(item);
      waiting = [];
      while (sequence.children.length > drawn) {
        sequence.firstElementChild.remove();
        if (earlier) earlier.hidden = false;
      }
      if (follows) toEnd(region);
    };
    const add = (fill) => {
      const item = document.createElement("li");
      fill(item);
      if (waiting.length === 0) setTimeout(draw, 50); // many calls, one layout
      waiting.push(item);
      if (waiting.length > drawn) waiting.shift();
    };
    toEnd(region);
    if (scenarios) toEnd(scenarioRegion);
    follow(live, (event, source) => {
      if (event.total && bar) {
        bar.max = event.total;
        bar.value = event.done;
        count.textContent = live.dataset.of.replace("%d", event.done).replace("%d", event.total);
      }
      if (event.reload) {
        source.close();
        location.assign(live.dataset.page);
        return;
      }
      // The row is the server's own drawing, in which what the partner says is escaped.
      if (event.row) add((item) => (item.innerHTML = event.row));
      else if (event.text) add((item) => (item.textContent = event.text));
      if (event.kind !== "scenario" || !scenarios) return;
      const follows = atEnd(scenarioRegion);
      const row = scenarios.insertRow();
      cell(row, event.text, "label");
      cell(row, event.word, "", "span").className = "state state-" + event.verdict;
      trim(scenarios, true);
      if (follows) toEnd(scenarioRegion);
    });
  }

  const journal = document.getElementById("journal");
  if (journal) {
    const rows = document.getElementById("journal-rows");
    follow(journal, (entry) => {
      document.getElementById("journal-empty")?.remove();
      const row = rows.insertRow(0);
      cell(row, entry.seq, "num");
      cell(row, entry.at, "nowrap");
      const call = row.insertCell();
      call.className = "label";
      call.append(entry.kind + " ");
      call.appendChild(document.createElement("code")).textContent = entry.call;
      cell(row, entry.application || "–", "label");
      cell(row, entry.status, "num");
      cell(row, entry.note, "label");
      trim(rows, false);
    });
  }
})();
