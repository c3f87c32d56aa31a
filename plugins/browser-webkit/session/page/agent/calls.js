// The way in: one function, in a world that the page cannot see. Last of the agent's files.

globalThis.driftstack = async (name, args) => {
  try {
    const result = await calls[name](JSON.parse(args));
    return typeof result === 'string' ? result : JSON.stringify({value: result});
  } catch (error) {
    if (error instanceof BadSelector) return JSON.stringify({bad_request: error.message});
    throw error;
  }
};
if (!kIsTopFrame) serveSession();
