import type { z } from "zod";

/** A JSON Schema as OpenAPI 3.1 takes it: draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A body or a header to look at; what is no JSON lies in a data URL. */
export type Example = Readonly<{ summary: string } & ({ value: unknown } | { externalValue: string })>;
export type Examples = Readonly<Record<string, Example>>;

export type MediaType = Readonly<{ schema: JsonSchema; examples?: Examples }>;
export type Content = Readonly<Record<string, MediaType>>;

export type Header = Readonly<{ description: string; schema: JsonSchema }>;
export type Parameter = Header & Readonly<{ name: string; in: "header"; examples?: Examples }>;

export type Answer = Readonly<{
  description: string;
  headers?: Readonly<Record<string, Header>>;
  content?: Content;
}>;

type Server = Readonly<{
  url: string;
  description: string;
  variables?: Readonly<Record<string, { default: string; description: string }>>;
}>;

/** What one method of one path does. */
export type Operation = Readonly<{
  operationId: string;
  summary: string;
  description: string;
  tags: readonly string[];
  servers?: readonly Server[];
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ required: boolean; description: string; content: Content }>;
  responses: Readonly<Record<string, Answer>>;
}>;

export type Paths = Readonly<Record<string, Readonly<Partial<Record<"get" | "post", Operation>>>>>;

export type OpenApiDocument = Readonly<{
  openapi: "3.1.1";
  info: Readonly<{ title: string; version: string; summary: string; description: string }>;
  servers: readonly Server[];
  tags: readonly Readonly<{ name: string; description: string }>[];
  paths: Paths;
  components: Readonly<{
    schemas: Readonly<Record<string, JsonSchema>>;
    responses: Readonly<Record<string, Answer>>;
  }>;
}>;
