/** A role's ARN; its first group is the partition, its second the account. */
export const rolePattern = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/[a-zA-Z0-9+=,.@_/-]+$/;

/** What a role's ARN must be, for people. */
export const roleRule = "a role's ARN: arn:aws:iam::<12 digits>:role/<name>";
