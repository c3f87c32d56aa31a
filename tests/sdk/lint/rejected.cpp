// The marks stand at the ends of lines: scripts/format leaves this folder out.
// Every line marked `// rejected` is miscompiled by g++ 12 or cannot be told from one that is; scripts/lint-coroutines must name exactly these.
// Only scanned, never compiled: the types exist in the reader's mind.

AsyncResult<> rejected(Service& service, std::string text, std::vector<int> list) {
  co_await service.take_pair({1, text});                               // rejected
  co_await service.take_pair(Pair{1, text});                           // rejected
  co_await service.take_pair(Pair{.number = 1, .text = text});         // rejected
  co_await service.take_wrapped(Wrapped(Pair{1, text}));               // rejected
  co_await service.take_list({1, 2, 3});                               // rejected
  co_await service.take_function([text] { return text.size(); });      // rejected
  co_await service.take_function([&, list]() mutable { list[0] = 1; return list.size(); });  // rejected
  co_await service.take_function([=] { return text.size(); });         // rejected
  const auto size = co_await service.size_of(Pair{1, text});           // rejected
  if (co_await service.is_pair(Pair{1, text})) co_return Done();       // rejected
  while (!co_await service.is_pair(
      Pair{1, text})) {                                                // rejected
    service.step();
  }
  use(size, Pair{1, text}, co_await service.size_of_text(text));       // rejected
  use(co_await service.size_of_text(text), Pair{1, text});             // rejected
  auto inner = [](Service& other, std::string name) -> AsyncResult<> {
    co_await other.take_pair(Pair{1, name});                           // rejected
    co_return Done();
  };
  const std::string raw = R"(})" + std::string("}");
  co_await service.take_pair(/* a comment { */ Pair{1, raw});          // rejected
  const auto chosen = size > 1 ? co_await service.one() : co_await service.two();  // rejected
  const auto cached = size > 1 ? text : co_await service.one();        // rejected
  use(size > 1 ? co_await service.one() : text);                       // rejected
  co_return co_await service.take_pair_and_answer(Pair{1, text});      // rejected
}

Task<> without_variables(Service& service) {
  service.step();
  if (co_await service.ready()) service.step();                        // rejected
  while (!co_await service.ready()) service.step();                    // rejected
  do {
    service.step();
  } while (service.busy() && co_await service.ready());                // rejected
  switch (co_await service.number()) {                                 // rejected
    default: service.step();
  }
  for (;;) {
    if (!co_await service.ready()) co_return;                          // rejected
  }
}

Task<> Service::member() const {
  if (!busy_ || !co_await ready()) co_return;                          // rejected
  std::puts("never said");
}

Task<> loops(Service& service, int rounds) {
  do {
    if (rounds == 1) continue;                                         // rejected
    for (int i = 0; i < rounds; ++i) if (i == 2) continue;
    if (rounds == 2) {
      service.step();
      continue;                                                        // rejected
    }
    service.step();
  } while (rounds < 10 && co_await service.ready());
}
