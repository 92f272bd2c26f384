import { shown } from "../../src/domain/json-fields.js";
import type { Parsed } from "../../src/domain/parsed.js";
import { findKnownModel, type KnownModel, knownModels } from "./known-models.js";

/** What to pull: a repository of the hub at a branch, tag, ref or commit. */
export type Wanted = Readonly<{
  repository: string;
  revision: string;
  /** The table's entry when this is the revision that it pins. */
  known: KnownModel | null;
}>;

/** Where nobody says otherwise. */
const defaultRevision = "main";

/** Longest name of an owner or a repository that the hub allows. */
const maxNameLength = 96;
const maxRevisionLength = 250;

/** A shortcut or `owner/name`, with the revision asked for, else the table's, else `main`. Never throws. */
export function parseWanted(id: string, revision: string | undefined): Parsed<Wanted> {
  const model = findKnownModel(id);
  if (model === null && !isRepository(id)) {
    const names = knownModels.map(({ name }) => name).join(", ");
    return { problems: [`${shown(id)} is neither OWNER/NAME of the hub nor one of ${names}`] };
  }
  const asked = revision ?? model?.revision ?? defaultRevision;
  if (!isRevision(asked)) return { problems: [`--revision ${shown(asked)} is no branch, tag, ref or commit`] };
  const repository = model?.repository ?? id;
  return { value: { repository, revision: asked, known: asked === model?.revision ? model : null } };
}

/** The folder that a model goes to when none is named: the last part of its repository. */
export function defaultFolderOf(repository: string): string {
  return repository.slice(repository.lastIndexOf("/") + 1);
}

/** 40 hexadecimal digits. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The hub's own rules for names; they leave no way to climb out of a path. */
function isRepository(id: string): boolean {
  const names = id.split("/");
  return names.length === 2 && names.every(isName);
}

function isName(name: string): boolean {
  return (
    name.length <= maxNameLength && /^[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?$/.test(name) && !/--|\.\.|\.git$/.test(name)
  );
}

/** Git's rules for references, narrowed to the characters that they have on the hub. */
function isRevision(text: string): boolean {
  return (
    text.length <= maxRevisionLength &&
    /^[A-Za-z0-9_][\w./+-]*$/.test(text) &&
    !/\.\.|\/\/|\/\.|\.lock(\/|$)|[/.]$/.test(text)
  );
}
