// References: short names (`e12`) that an accessibility capture gives to elements and that selectors (`ref=e12`) take. An element keeps its
// name as long as its document lives; a name is never given twice. The table holds no element alive.

const refsByElement = new WeakMap();
const elementsByRef = new Map();
let lastRef = 0;

const refOf = (element) => {
  let ref = refsByElement.get(element);
  if (!ref) {
    ref = 'e' + ++lastRef;
    refsByElement.set(element, ref);
    elementsByRef.set(ref, new WeakRef(element));
  }
  return ref;
};

// Null for a name that was never given, and for an element that left its document.
const elementOfRef = (ref) => {
  const element = elementsByRef.get(ref)?.deref();
  return element && element.isConnected ? element : null;
};
