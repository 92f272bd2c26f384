import { ask, askCatalog } from "./ask.js";
import { drawVerdict } from "./draw-catalog.js";
import { byId } from "./element.js";
import type { Reply, ShownItem } from "./reply.js";
import type { Garment, Options } from "./state.js";
import { judgeByOutfit, judgeByProbe, toProbe, type Verdict } from "./why-not.js";

/** The outfit that is shown, which an item may not be part of. */
export type Shown = Readonly<{ garment: Garment; options: Options; reply: Reply; file: Blob | null }>;

/** As many rivals as are excluded by name to see an item in its place. */
const mostRivals = 2000;
const rivalsAtOnce = 200;

/** The dialog that tells why an item is not in the outfit, as the function that opens it. */
export function openWhyDialog(): (item: ShownItem, shown: Shown) => void {
  const dialog = byId("why", HTMLDialogElement);
  const place = byId("why-verdict", HTMLElement);
  let asking = new AbortController();
  byId("why-close", HTMLButtonElement).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => asking.abort());
  return (item, shown) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const known = judgeByOutfit({ item, ...shown });
    place.replaceChildren(...drawVerdict(item, known));
    dialog.showModal();
    if (known !== null) return;
    probe(item, shown, signal).then(
      (verdict) => {
        if (!signal.aborted) place.replaceChildren(...drawVerdict(item, verdict));
      },
      (error: unknown) => {
        // Another one has been asked about, or nobody waits any more.
        if (!signal.aborted) throw error;
      },
    );
  };
}

/** The same question without the item's rivals. @throws the signal's reason */
async function probe(item: ShownItem, shown: Shown, signal: AbortSignal): Promise<Verdict> {
  const rivals = await findRivals(item);
  if (typeof rivals === "string") return { kind: "refused", code: rivals };
  const image = shown.file === null ? null : await toDataUrl(shown.file).catch(() => "gone" as const);
  if (image === "gone") return { kind: "refused", code: "file_gone" };
  const headers = { "content-type": "application/json" };
  const answer = await ask({ headers, json: toProbe({ item, ...shown }, rivals, image) }, null, signal);
  if (answer.kind === "refused") return answer;
  return judgeByProbe(item, shown.reply, answer.reply);
}

/** The items of its category, or the code of what went wrong. */
async function findRivals({ category }: ShownItem): Promise<readonly ShownItem[] | string> {
  const rivals: ShownItem[] = [];
  for (let isLast = false; !isLast && rivals.length < mostRivals; ) {
    const query = { category: category ?? "", offset: String(rivals.length), limit: String(rivalsAtOnce) };
    const part = await askCatalog(new URLSearchParams(query).toString());
    if (typeof part === "string") return part;
    rivals.push(...part.items);
    isLast = part.items.length < rivalsAtOnce;
  }
  return rivals;
}

function toDataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
