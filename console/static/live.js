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
    const exchanges = document.getElementById("live-exchanges");
    const atEnd = (body) => body.closest(".live-region");
    follow(live, (event, source) => {
      if (event.total) {
        bar.max = event.total;
        bar.value = event.done;
        count.textContent = live.dataset.of.replace("%d", event.done).replace("%d", event.total);
      }
      if (event.reload) {
        source.close();
        location.assign(live.dataset.page);
        return;
      }
      const body = event.kind === "scenario" ? scenarios : exchanges;
      const row = body.insertRow();
      if (event.kind === "scenario") {
        cell(row, event.text, "label");
        cell(row, event.word, "", "span").className = "state state-" + event.verdict;
      } else {
        cell(row, event.at, "nowrap");
        cell(row, event.from + " → " + event.to, "nowrap");
        cell(row, event.text, "label", "code");
        cell(row, event.status, "num");
      }
      trim(body, true);
      const region = atEnd(body);
      if (region && !region.contains(document.activeElement)) region.scrollTop = region.scrollHeight;
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
