/** The statements of a script for the client `mysql`, which knows one command that no server does: `delimiter`. */
export const statementsOf = (script: string): string[] => {
  const statements: string[] = [];
  let delimiter = ';';
  let statement = '';
  for (const line of script.split('\n')) {
    const next = /^delimiter\s+(\S+)\s*$/i.exec(line)?.[1];
    if (next !== undefined) {
      delimiter = next;
      continue;
    }
    // A comment may have any sign in it; a procedure keeps its own.
    const code = line.replace(/^\s*--\s.*$/, '').trimEnd();
    if (code === '' && statement === '') continue;
    if (!code.endsWith(delimiter)) {
      statement += `${code}\n`;
      continue;
    }
    statements.push((statement + code.slice(0, -delimiter.length)).trim());
    statement = '';
  }
  if (statement.trim() !== '') statements.push(statement.trim());
  return statements;
};
