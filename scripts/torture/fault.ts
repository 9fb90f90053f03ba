/** Something that torture found not to be as it should. */
export class Fault extends Error {
  override readonly name = "Fault";

  /** The same, saying how it is come by again. */
  of(where: string): Fault {
    return new Fault(`${where}: ${this.message}`);
  }
}
