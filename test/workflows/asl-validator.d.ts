/** The package has no types. */
declare module "asl-validator" {
  export default function validate(
    definition: unknown,
  ): Promise<{ readonly isValid: boolean; readonly errors: readonly unknown[] }>;
}
