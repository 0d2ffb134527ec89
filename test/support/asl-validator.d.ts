declare module "asl-validator" {
  /** Validates a definition of the Amazon States Language. */
  export default function aslValidator(definition: unknown, options?: { checkArn?: boolean }): { isValid: boolean; errors: unknown[] };
}
