/** A defect that torture found. */
export class Fault extends Error {
  override readonly name = "Fault";

  /** The same fault with the options that reproduce it. */
  of(where: string): Fault {
    return new Fault(`${where}: ${this.message}`);
  }
}
