// clang-format off: the marks stand at the ends of lines.
// Nothing here may be named by scripts/lint-coroutines.
// Only scanned, never compiled: the types exist in the reader's mind.

AsyncResult<> accepted(Service& service, std::string text, std::vector<int> list) {
  Pair pair{1, text};
  co_await service.take_pair(std::move(pair));
  co_await service.take_text(std::string("a { brace in a text"));
  co_await service.take_text(R"(a { brace in a raw text)");  // and { one in a comment
  co_await service.take_list(list_of(1, 2, 3));
  co_await service.take_number(list[static_cast<std::size_t>(list[0])]);
  co_await service.take_number('{' + 1'000);
  auto function = [text] { return text.size(); };
  co_await service.take_function(std::move(function));
  co_await service.take_function([] { return std::size_t{1}; });
  co_await service.take_function([](int number) -> std::size_t { return Pair{number, "x"}.text.size(); }, 2);
  if (auto answer = co_await service.size_of_text(text); answer) {
    use(*answer, Pair{1, text}, 0);
  }
  while (co_await service.is_text(text)) {
    service.step();
  }
  for (const auto& item : co_await service.all(text)) {
    use(0, Pair{1, item}, 0);
  }
  switch (co_await service.number_of(text)) {
    case 1: break;
    default: use(0, Pair{1, text}, 0);
  }
  [[maybe_unused]] const auto [first, second] = co_await service.two_of(text);
  const auto later = co_await service.number_of(text) > 0 ? 1 : 0;
  auto chosen = text.empty() ? service.one() : service.two();
  if (!co_await chosen) co_return Done();
  Pair both{later, text};
  auto task = service.take_text(text);
  co_await task;
  auto body = [&](Transaction& transaction) -> AsyncResult<> {
    co_await transaction.run(text);
    co_return Done();
  };
  co_return co_await run_in_transaction(service, body);
}

Task<> with_one_variable(Service& service) {
  const int rounds = 3;
  if (co_await service.ready()) service.step(rounds);
}

Task<> with_a_variable_in_a_block(Service& service) {
  if (co_await service.ready()) {
    std::string text = "x";
    service.step(text);
  }
}

Task<> with_a_variable_of_the_condition(Service& service) {
  if (const auto ready = co_await service.ready(); ready) service.step();
}

Task<> without_a_condition(Service& service) {
  service.step();
  if (service.busy()) co_await service.ready();
  for (;;) {
    co_await service.ready();
  }
}

Task<> loops(Service& service, int rounds) {
  do {
    for (int i = 0; i < rounds; ++i) {
      if (i == 2) continue;
      service.step();
    }
    while (service.busy()) if (rounds == 2) continue;
    service.take_function([] { for (;;) continue; });
    do {
      if (rounds == 3) continue;
    } while (service.busy());
  } while (co_await service.ready());
  do {
    const bool ready = co_await service.ready();
    if (!ready) continue;
    service.step();
  } while (service.busy());
}
