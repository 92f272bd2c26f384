/** Every way to hand over a picture: pick, photograph, drop, paste. `take` gets null when there was no file in it. */
export function takeFiles(
  inputs: readonly HTMLInputElement[],
  zone: HTMLElement,
  take: (file: File | null) => void,
): void {
  for (const input of inputs) {
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file !== undefined) take(file);
      // The same file may be chosen again.
      input.value = "";
    });
  }
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file === undefined) return;
    event.preventDefault();
    take(file);
  });
  // Anywhere on the page: a file beside the zone would otherwise replace the page.
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) zone.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    take(event.dataTransfer?.files[0] ?? null);
  });
}
