// The calls of the server.

/** An answer that is not a picture. */
export class Problem extends Error {
  constructor(detail, retryAfter) {
    super(detail);
    this.retryAfter = retryAfter;
  }
}

/**
 * Posts a form and returns the picture of the answer.
 * @param {string} path the endpoint, relative to the page
 * @param {Record<string, Blob | string | number>} fields files and options
 * @param {AbortSignal} [signal] gives the call up; the server stops its work
 * @returns {Promise<{ picture: Blob, milliseconds: number | null }>}
 */
export async function post(path, fields, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    form.append(name, value);
  let response;
  try {
    response = await fetch(path, { method: 'POST', body: form, signal });
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Problem('The server cannot be reached.');
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Problem(problem.detail ?? `The server answered ${response.status}.`, Number(response.headers.get('Retry-After')) || null);
  }
  const timing = /refine;dur=([\d.]+)/.exec(response.headers.get('Server-Timing') ?? '');
  return { picture: await response.blob(), milliseconds: timing ? Number(timing[1]) : null };
}
