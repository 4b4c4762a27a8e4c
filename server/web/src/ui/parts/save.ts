// Saving a file from the page.

/** Hand a file to the person, under a name. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes its copy after the click was handled.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
