import ts from "typescript";
import { nodesOf, parseTypeScript } from "./project-files.js";

/** `GET /ping` and the like, from the route table in the source: the app itself needs a whole server around it. */
export function routesIn(file: string): readonly string[] {
  const table = [...nodesOf(parseTypeScript(file))].find(
    (node) => ts.isVariableDeclaration(node) && node.name.getText() === "routes",
  ) as ts.VariableDeclaration;
  const membersOf = (node: ts.Node | undefined) =>
    node !== undefined && ts.isObjectLiteralExpression(node) ? node.properties.filter(ts.isPropertyAssignment) : [];
  return membersOf(table.initializer).flatMap((route) =>
    membersOf(route.initializer).map((handler) => {
      return `${handler.name.getText().toUpperCase()} ${(route.name as ts.StringLiteral).text}`;
    }),
  );
}
