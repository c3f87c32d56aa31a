// The document as Markdown (CommonMark with the tables and strike-through of GFM), and as plain text by the same rules without the marks.
// The same page gives the same text.

const kBreak = '\u0001';  // a line break inside of a paragraph, until its white space was squeezed; pages' own are removed

// A URL as the target of a link: what would end it early is encoded.
const destination = (url) => url.replace(/[()<>\s]/g, (letter) => '%' + letter.codePointAt(0).toString(16).padStart(2, '0').toUpperCase());

class DocumentWriter {
  constructor(marks) {
    this.marks = marks;  // false: plain text
    this.size = 0;
  }

  isFull() { return this.size > kMostCharacters; }

  write(body) { return this.blocksOf(body, 0).join('\n\n') + '\n'; }

  // ---- inline

  escape(text) {
    if (!this.marks) return text;
    return text.replace(/[\\`*[\]<]/g, '\\$&').replace(/(^|[^\p{L}\p{N}])_|_(?=$|[^\p{L}\p{N}])/gu, '$1\\_');
  }

  textOf(node) {
    const style = styleOf(node.parentElement || node.getRootNode().host);
    if (style.visibility !== 'visible') return '';
    this.size += node.data.length;
    const text = node.data.replaceAll(kBreak, '');
    if (!style.whiteSpace.startsWith('pre')) return this.escape(text.replace(/[ \t\r\n\f]+/g, ' '));
    return this.escape(text).replaceAll('\n', kBreak);
  }

  // Marks stand at words, not at the white space around them.
  wrap(mark, text) {
    const [, before, inner, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
    return !this.marks || !inner ? text : before + mark + inner + mark + after;
  }

  link(element, text) {
    const url = absoluteUrl(element, 'href');
    const shown = text.trim();
    if (!this.marks || !url || !shown) return text;
    return `[${shown.replaceAll(kBreak, ' ')}](${destination(url)})`;
  }

  image(element) {
    const alt = squeezed(element.getAttribute('alt') || '');
    if (!this.marks) return alt;
    const url = absoluteUrl(element, 'src');
    if (element.getAttribute('alt') === '' || !url || url.startsWith('data:')) return this.escape(alt);
    return `![${this.escape(alt)}](${destination(url)})`;
  }

  code(text) {
    const inner = text.replaceAll(kBreak, ' ').trim();
    if (!this.marks || !inner) return text;
    const fence = '`'.repeat(1 + Math.max(0, ...(inner.match(/`+/g) || []).map((run) => run.length)));
    const room = inner.startsWith('`') || inner.endsWith('`') ? ' ' : '';
    return fence + room + inner + room + fence;
  }

  rawText(element, depth) {
    let text = '';
    for (const node of shownChildren(element)) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data.replaceAll(kBreak, '');
      if (node.nodeType !== Node.ELEMENT_NODE || depth > kMostDepth) continue;
      if (node.localName === 'br') text += '\n';
      else if (isShown(node, styleOf(node))) text += this.rawText(node, depth + 1);
    }
    this.size += text.length;
    return text;
  }

  inlineOf(element, depth) {
    let text = '';
    for (const node of shownChildren(element)) text += this.inlineNode(node, depth);
    return text;
  }

  inlineNode(node, depth) {
    if (node.nodeType === Node.TEXT_NODE) return this.textOf(node);
    if (node.nodeType !== Node.ELEMENT_NODE || this.isFull() || depth > kMostDepth || !isShown(node, styleOf(node))) return '';
    switch (node.localName) {
      case 'br': return kBreak;
      case 'img': return this.image(node);
      case 'a': return this.link(node, this.inlineOf(node, depth + 1));
      case 'b': case 'strong': return this.wrap('**', this.inlineOf(node, depth + 1));
      case 'i': case 'em': return this.wrap('*', this.inlineOf(node, depth + 1));
      case 's': case 'del': return this.wrap('~~', this.inlineOf(node, depth + 1));
      case 'code': case 'kbd': case 'samp': return this.code(this.rawText(node, depth + 1));
      case 'input': return ['button', 'submit', 'reset'].includes(node.type) ? this.escape(node.value) : '';
      case 'select': case 'textarea': case 'svg': case 'canvas': case 'video': case 'audio': case 'object': return '';
      default: return isBlock(styleOf(node)) ? ` ${this.inlineOf(node, depth + 1)} ` : this.inlineOf(node, depth + 1);
    }
  }

  finish(inline) {
    return inline.split(kBreak).map((line) => line.replace(/[ \t\r\n\f]+/g, ' ').trim()).join(this.marks ? '\\\n' : '\n')
        .replace(/(?:\\?\n)+$/, '').replace(/^(?:\\?\n)+/, '');
  }
  paragraph(inline) {
    const text = this.finish(inline);
    return this.marks ? text.replace(/^(?:#{1,6}(?= )|[-+>](?= |$)|>)/gm, '\\$&').replace(/^(\d+)([.)])(?= )/gm, '$1\\$2') : text;
  }

  // ---- blocks

  blocksOf(parent, depth) {
    const blocks = [];
    let line = '';
    const flush = () => {
      const text = this.paragraph(line);
      if (text) blocks.push(text);
      line = '';
    };
    for (const node of shownChildren(parent)) {
      if (this.isFull() || depth > kMostDepth) break;
      const style = node.nodeType === Node.ELEMENT_NODE ? styleOf(node) : null;
      const inline = !style || !this.holdsBlocks(node, style, depth);
      if (inline) {
        line += this.inlineNode(node, depth + 1);
        continue;
      }
      if (!isShown(node, style)) continue;
      flush();
      blocks.push(...this.block(node, depth + 1));
    }
    flush();
    return blocks;
  }

  // Blocks, and what only stands around blocks.
  holdsBlocks(element, style, depth) {
    if (isBlock(style) || element.localName === 'iframe' || element.localName === 'frame') return true;
    if (style.display !== 'contents' && !(style.display === 'inline' && !element.matches('a, b, strong, i, em, s, del, code, kbd, samp'))) {
      return style.display !== 'inline' && ['UL', 'OL', 'TABLE', 'PRE'].includes(element.tagName);
    }
    return depth <= kMostDepth && shownChildren(element).some((child) => {
      if (child.nodeType !== Node.ELEMENT_NODE) return false;
      return this.holdsBlocks(child, styleOf(child), depth + 1);
    });
  }

  block(element, depth) {
    const name = element.localName;
    if (/^h[1-6]$/.test(name)) return this.heading(element, Number(name[1]), depth);
    switch (name) {
      case 'ul': case 'menu': return this.list(element, () => '- ', depth);
      case 'ol': {
        const first = element.start;
        return this.list(element, (at) => `${first + at}. `, depth);
      }
      case 'blockquote': return this.prefixed(this.blocksOf(element, depth), '> ', '> ');
      case 'pre': return this.fenced(element, depth);
      case 'hr': return this.marks ? ['---'] : [];
      case 'table': return this.table(element, depth);
      case 'iframe': case 'frame': {
        const inside = documentInside(element);
        return inside && inside.body ? this.blocksOf(inside.body, depth) : [];
      }
      case 'select': case 'textarea': case 'svg': case 'canvas': case 'video': case 'audio': case 'object': return [];
      case 'img': case 'input': case 'a': {
        const holdsMore = name === 'a' && [...element.children].some((child) => isBlock(styleOf(child)) && child.matches('ul, ol, table, pre'));
        const text = holdsMore ? '' : this.paragraph(this.inlineNode(element, depth));
        return holdsMore ? this.blocksOf(element, depth) : text ? [text] : [];
      }
      default: return this.blocksOf(element, depth);
    }
  }

  heading(element, level, depth) {
    const text = this.finish(this.inlineOf(element, depth)).replace(/\\?\n/g, ' ');
    return text ? [this.marks ? '#'.repeat(level) + ' ' + text : text] : [];
  }

  prefixed(blocks, first, rest) {
    if (blocks.length === 0) return [];
    if (!this.marks) return blocks;
    const lines = blocks.join('\n\n').split('\n');
    return [lines.map((line, at) => ((at === 0 ? first : rest) + line).trimEnd()).join('\n')];
  }

  // Items with one block each stand close together.
  list(element, bullet, depth) {
    const items = [];
    let at = 0;
    for (const child of shownChildren(element)) {
      if (child.nodeType !== Node.ELEMENT_NODE || !isShown(child, styleOf(child))) continue;
      const mark = this.marks ? bullet(at) : '';
      const blocks = this.blocksOf(child, depth + 1);
      if (blocks.length === 0) continue;
      ++at;
      const lines = blocks.join('\n').split('\n');
      const indent = ' '.repeat(mark.length);
      items.push(lines.map((line, i) => (i === 0 ? mark : line ? indent : '') + line).join('\n'));
    }
    return items.length > 0 ? [items.join('\n')] : [];
  }

  fenced(element, depth) {
    const text = this.rawText(element, depth).replace(/^\n|\n+$/g, '');
    if (!text) return [];
    if (!this.marks) return [text];
    const fence = '`'.repeat(Math.max(3, 1 + Math.max(0, ...(text.match(/`+/g) || []).map((run) => run.length))));
    const holder = element.querySelector('code') || element;
    const language = /(?:^|\s)(?:language|lang)-([\w+#-]+)/.exec(holder.className)?.[1] || '';
    return [`${fence}${language}\n${text}\n${fence}`];
  }

  table(element, depth) {
    const rows = [];
    for (const row of element.rows) {
      if (!isShown(row, styleOf(row))) continue;
      const cells = [];
      for (const cell of row.cells) {
        if (!isShown(cell, styleOf(cell))) continue;
        const text = this.finish(this.inlineOf(cell, depth + 2)).replace(/\\?\n/g, ' ');
        cells.push(this.marks ? text.replaceAll('|', '\\|') : text, ...Array(Math.min(cell.colSpan, 100) - 1).fill(''));
      }
      if (cells.length > 0) rows.push(cells);
    }
    const caption = element.caption ? this.paragraph(this.inlineOf(element.caption, depth + 1)) : '';
    const before = caption ? [caption] : [];
    if (rows.length === 0) return before;
    if (!this.marks) return [...before, rows.map((cells) => cells.join('\t')).join('\n')];
    const width = Math.max(...rows.map((cells) => cells.length));
    const line = (cells) => '| ' + Array.from({length: width}, (_, at) => cells[at] || '').join(' | ') + ' |';
    const [head, ...rest] = rows.map(line);
    return [...before, [head, line(Array(width).fill('---')), ...rest].join('\n')];
  }
}

const absoluteUrl = (element, attribute) => {
  const given = element.getAttribute(attribute);
  if (given === null) return '';
  try {
    return new URL(given, element.baseURI).href;
  } catch {
    return '';
  }
};

const written = (marks) => document.body ? clean(new DocumentWriter(marks).write(document.body)) : '';
calls.markdown = () => written(true);
calls.text = () => written(false);

// Every link of the document in its order, with the name that it shows.
calls.links = () => {
  const links = [];
  let size = 0;
  for (const element of findAll('a[href], area[href]')) {
    const url = absoluteUrl(element, 'href');
    if (!url || size > kMostCharacters) continue;
    const text = nameOf(element);
    size += url.length + text.length;
    links.push({url: clean(url), text: clean(text)});
  }
  return JSON.stringify(links);
};
