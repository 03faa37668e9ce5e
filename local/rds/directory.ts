/** Records by identifier, walked in the identifiers' order: what a page of a Describe action is cut from. */
export class Directory<Item> {
  readonly #items = new Map<string, Item>();
  readonly #ids: string[] = [];

  get size(): number {
    return this.#items.size;
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  set(id: string, item: Item): void {
    if (!this.#items.has(id)) this.#ids.splice(this.#place(id), 0, id);
    this.#items.set(id, item);
  }

  delete(id: string): boolean {
    if (!this.#items.delete(id)) return false;
    this.#ids.splice(this.#place(id), 1);
    return true;
  }

  /** All of them; what is removed meanwhile hides no other. */
  values(): Iterable<Item> {
    return this.after('');
  }

  /** Those whose identifier is greater than `id`. */
  *after(id: string): Generator<Item> {
    for (let last = id; ; ) {
      let index = this.#place(last);
      if (this.#ids[index] === last) index += 1;
      // One step at a time costs a search each; a run of them is walked while nothing changed under it.
      const ids = this.#ids.slice(index, index + stride);
      if (ids.length === 0) return;
      for (const next of ids) {
        const item = this.#items.get(next);
        if (item !== undefined) yield item;
        last = next;
      }
    }
  }

  /** Where an identifier stands, or would. */
  #place(id: string): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const stride = 128;
