/** The door could not be spoken to. Says nothing about anybody's honesty. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}
