/** SHA-256 of a text's UTF-8, as 64 hexadecimal digits. An argument everywhere: core/ does not import node's. */
export type Digest = (text: string) => string;
