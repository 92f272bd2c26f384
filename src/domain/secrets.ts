type Environment = Readonly<Record<string, string | undefined>>;

/** Of the AWS_* variables those that open something; a region or a path is no secret, and would blot out harmless text. */
const secretName = /^(HF_TOKEN|HUGGING_FACE_HUB_TOKEN|AWS_\w*(KEY|TOKEN|SECRET|CREDENTIAL|PASSWORD)\w*)$/;
const notSecret = /_FILE$/;
/** Whatever is shorter opens nothing, and may be part of any word. */
const minCharacters = 8;

/** Hides secrets in text that people and machines will read. */
export type Redact = (text: string) => string;

/**
 * Replaces the values of an environment's secrets by their names, wherever they stand: as they are, as JSON writes them
 * and as addresses do. What a log line is made of cannot all be known, but what must not be in it can.
 */
export function createRedact(environment: Environment): Redact {
  const secrets = Object.entries(environment).flatMap(([name, value = ""]) => {
    const isSecret = secretName.test(name) && !notSecret.test(name) && value.trim().length >= minCharacters;
    return isSecret ? spellingsOf(value.trim()).map((spelling) => ({ spelling, name })) : [];
  });
  // The longest first: one secret may begin with another.
  secrets.sort((one, other) => other.spelling.length - one.spelling.length);
  return (text) => secrets.reduce((rest, { spelling, name }) => rest.replaceAll(spelling, () => `<${name}>`), text);
}

function spellingsOf(value: string): readonly string[] {
  return [...new Set([value, JSON.stringify(value).slice(1, -1), encode(value)])];
}

/** A lone surrogate cannot stand in an address. */
function encode(value: string): string {
  return /\p{Surrogate}/u.test(value) ? value : encodeURIComponent(value);
}
