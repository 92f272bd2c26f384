import type { SyntaxNode, SyntaxNodeRef } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** One selector of a query: its metric, the labels it is narrowed by, with their values, and what is computed of it. */
export type Selector = Readonly<{
  metric: string;
  labels: readonly Readonly<{ name: string; value: string }>[];
  /** The function right around it: `rate`, `increase`, or null where its values are taken as they are. */
  rated: string | null;
}>;

type Query = Readonly<{ selectors: readonly Selector[]; grouping: readonly string[] }>;

/** What a PromQL query names, by Prometheus's own grammar. @throws Error where the grammar does not take the query */
export function readPromql(query: string): Query {
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  const textOf = (node: SyntaxNodeRef) => query.slice(node.from, node.to);
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`);
      if (node.name === "VectorSelector") selectors.push(toSelector(node.node, textOf));
      if (node.name === "GroupingLabels") grouping.push(...node.node.getChildren("LabelName").map(textOf));
    },
  });
  return { selectors, grouping };
}

function toSelector(node: SyntaxNode, textOf: (node: SyntaxNodeRef) => string): Selector {
  const metric = node.getChild("Identifier");
  if (metric === null) throw new Error(`a selector without a metric: ${textOf(node)}`);
  const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  const labels = matchers.map((matcher) => ({
    name: textOf(matcher.getChild("LabelName")!),
    value: JSON.parse(textOf(matcher.getChild("StringLiteral")!)) as string,
  }));
  return { metric: textOf(metric), labels, rated: ratedBy(node, textOf) };
}

function ratedBy(node: SyntaxNode, textOf: (node: SyntaxNodeRef) => string): string | null {
  const range = node.parent;
  if (range?.name !== "MatrixSelector") return null;
  for (let each = range.parent; each !== null; each = each.parent) {
    const name = each.name === "FunctionCall" ? each.getChild("FunctionIdentifier") : null;
    if (name !== null) return textOf(name);
  }
  throw new Error(`a range that no function takes: ${textOf(range)}`);
}
