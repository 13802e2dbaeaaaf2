"use strict";
// On paper nothing can be opened, so everything is open while it is printed.
const closed = () => document.querySelectorAll("details:not([open])");
let opened = [];
addEventListener("beforeprint", () => {
  opened.push(...closed());
  opened.forEach((each) => { each.open = true; });
});
addEventListener("afterprint", () => {
  opened.forEach((each) => { each.open = false; });
  opened = [];
});

const filter = document.getElementById("filter");
if (filter) {
  const findings = [...document.querySelectorAll("#mend ~ .finding")];
  filter.closest(".filter").hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    findings.forEach((each) => { each.hidden = !each.textContent.toLowerCase().includes(wanted); });
    const left = findings.filter((each) => !each.hidden).length;
    document.getElementById("shown").textContent = wanted ? `${left} of ${findings.length}` : "";
  });
}
