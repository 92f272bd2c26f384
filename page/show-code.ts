import { byId } from "./element.js";
import { type Question, toCode, toCurl } from "./question.js";
import type { Garment } from "./state.js";

const forms = { curl: toCurl, javascript: toCode } as const;

/** Shows the question as a command and as code, each with a button that copies it. */
export function showCode(garment: Garment, question: Question): void {
  for (const [name, write] of Object.entries(forms)) {
    byId(`code-${name}`, HTMLElement).textContent = write(garment, question, location.origin);
    const button = byId(`copy-${name}`, HTMLButtonElement);
    button.onclick = () => copy(byId(`code-${name}`, HTMLElement), button);
  }
}

/** Where the browser gives no clipboard, which it does on a safe origin alone, the text is at least selected. */
async function copy(source: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const label = button.dataset.label ?? button.textContent ?? "";
  button.dataset.label = label;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(source);
    button.textContent = "Selected: press Ctrl-C";
  }
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}
