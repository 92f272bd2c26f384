type Tag = Readonly<{ Key: string; Value: string }>;

/** Tags as SageMaker and CloudWatch take them. */
export function toTagList(tags: Readonly<Record<string, string>>): readonly Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
