// Fields that belong to one choice of another ("auth=basic") show with that choice alone. Without this script all show.
"use strict";

for (const form of document.querySelectorAll("form[data-choices]")) {
  const dependents = [...form.querySelectorAll("[data-only-for]")];
  const chosen = (rule) => {
    const [name, value] = rule.split("=");
    const chooser = form.elements.namedItem(name);
    return chooser.value === value && !chooser.closest(".field").hidden;
  };
  const show = () => {
    for (const field of dependents) {
      field.closest(".field").hidden = !field.dataset.onlyFor.split(" ").some(chosen);
    }
  };
  form.addEventListener("change", show);
  show();
}

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}
