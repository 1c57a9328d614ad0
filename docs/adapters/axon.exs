# Axon: `losses verify --adapter 'elixir docs/adapters/axon.exs'`.
#
# The first run installs Axon, which can take longer than the tool waits for the greeting; start it
# once by hand before (`elixir docs/adapters/axon.exs < /dev/null`).

unless Code.ensure_loaded?(Axon.Losses) and Code.ensure_loaded?(Jason) do
  # What Mix says would stand before the greeting.
  Mix.start()
  Mix.shell(Mix.Shell.Quiet)
  Mix.install([{:axon, "~> 0.8"}, {:jason, "~> 1.4"}])
end

defmodule Call do
  @moduledoc "A request: inputs as tensors, options of ours, and the reduction."

  # Whole numbers have the type that Nx gives them unasked, which CTC insists on.
  @elements %{"f32" => {:f, 32}, "f64" => {:f, 64}, "i64" => {:s, 32}, "bool" => {:u, 8}}
  @words %{"nan" => :nan, "inf" => :infinity, "-inf" => :neg_infinity}
  # An option that a loss of Axon does not honour has to have its default.
  @defaults %{
    "activation" => "none",
    "binary" => false,
    "bounded" => "product",
    "class_weights" => [],
    "clip" => 0,
    "clip_above" => nil,
    "counts_dense_weights" => true,
    "elementwise" => false,
    "epsilon" => 0,
    "from_logits" => true,
    "full" => false,
    "ignore_index" => nil,
    "infeasible" => "infinity",
    "label_smoothing" => 0,
    "log_input" => false,
    "log_prediction" => false,
    "log_target" => false,
    "negative_weight" => 1,
    "per_label" => false,
    "positive_weight" => 1,
    "positive_weights" => [],
    "targets" => "any"
  }

  defstruct [:loss, :options, :axis, :element, :inputs, :kind, :axes, :first, :keeps_axes]

  def new(request) do
    element = Map.fetch!(@elements, request["element"])

    reduction =
      case request["reduction"] do
        %{} = object -> object
        word -> %{"kind" => word || "mean"}
      end

    %Call{
      loss: request["loss"],
      options: request["options"],
      axis: request["class_axis"],
      element: element,
      inputs: Map.new(request["inputs"], fn {role, one} -> {role, read(one, element)} end),
      kind: reduction["kind"],
      axes: reduction["axes"],
      first: reduction["first"],
      keeps_axes: reduction["keeps_axes"] || false
    }
  end

  defp read(%{"element" => name, "shape" => shape, "data" => data}, element) do
    if data == [], do: unsupported("an empty tensor, which Nx has not")
    numbers = Enum.map(data, fn x -> Map.get(@words, x, x) end)

    numbers =
      if name == "bool", do: Enum.map(numbers, &if(&1 == true, do: 1, else: 0)), else: numbers

    type = if name in ["f32", "f64"], do: element, else: @elements[name]

    numbers
    |> Nx.tensor(type: type, backend: Nx.BinaryBackend)
    |> Nx.reshape(List.to_tuple(shape))
  end

  def only(call, names) do
    for {name, value} <- call.options, name not in names do
      known = Map.fetch(@defaults, name)
      if known == :error or elem(known, 1) != value, do: unsupported("option #{name}")
    end
  end

  def option(call, name), do: Map.get(call.options, name, @defaults[name])

  def unsupported(reason), do: throw({:unsupported, reason})
end

defmodule Losses do
  @moduledoc "Our losses by those of Axon, each `fn call, inputs, reduction -> tensor`."

  import Call, only: [only: 2, option: 2, unsupported: 1]
  alias Axon.Losses, as: L

  # Axon adds 1e-7 and clips with it, as a 32-bit number, in every call; another epsilon is not taken.
  @own_epsilon [0, 1.0e-7, 1.0000000116860974e-7]

  @doc "The loss under a name of Axon's own, with its own options."
  def named("axon." <> name, options), do: named("Axon.Losses." <> name, options)

  def named("Axon.Losses." <> name, options) do
    options = for {key, value} <- options, do: {String.to_atom(key), word(key, value)}

    case name do
      "margin_ranking" ->
        fn i -> L.margin_ranking(i["target"], {i["first"], i["second"]}, options) end

      "connectionist_temporal_classification" ->
        fn i ->
          L.connectionist_temporal_classification(
            {i["target_lengths"], i["target"]},
            i["prediction"],
            options
          )
        end

      "apply_label_smoothing" ->
        fn i -> L.apply_label_smoothing(i["target"], i["target"], options) end

      "label_smoothing" ->
        fn i ->
          L.label_smoothing(fn smoothed, _ -> smoothed end, options).(i["target"], i["target"])
        end

      _ ->
        fn i -> apply(L, String.to_atom(name), [i["target"], i["prediction"], options]) end
    end
  end

  defp word("reduction", value) when is_binary(value), do: String.to_atom(value)
  defp word(_, value), do: value

  @doc "The loss under our name; the caller of Axon makes other reductions of its unreduced terms."
  def ours(call) do
    case call.loss do
      "mean_squared_error" -> last_axis(call, [], &L.mean_squared_error/3)
      "mean_absolute_error" -> last_axis(call, [], &L.mean_absolute_error/3)
      "log_cosh" -> last_axis(call, [], &L.log_cosh/3)
      "hinge" -> last_axis(call, [], &L.hinge/3)
      "poisson_nll" -> poisson(call)
      "soft_margin" -> soft_margin(call)
      "binary_cross_entropy" -> binary_cross_entropy(call)
      "cross_entropy" -> cross_entropy(call)
      "categorical_hinge" -> categorical_hinge(call)
      "kl_divergence" -> kl_divergence(call)
      "cosine_similarity" -> cosine_similarity(call)
      "huber" -> huber(call)
      "margin_ranking" -> margin_ranking(call)
      "label_smoothing" -> label_smoothing(call)
      "ctc" -> ctc(call)
      _ -> unsupported("the loss")
    end
  end

  # Axon's terms are means over the last axis.
  defp last_axis(call, options, function) do
    only(call, options)
    weights!(call)
    rank = Nx.rank(call.inputs["prediction"])
    if rank == 0, do: unsupported("a number without axes")
    last = fn axes -> axes != nil and Enum.map(axes, &Integer.mod(&1, rank)) == [rank - 1] end

    reduction =
      case call do
        %{keeps_axes: true} ->
          unsupported("this reduction")

        %{kind: "mean", axes: nil, first: nil} ->
          :mean

        %{kind: "none", axes: nil, first: %{"kind" => "mean", "axes" => axes}} ->
          last.(axes) && :none

        %{kind: "sum", axes: nil, first: %{"kind" => "mean", "axes" => axes}} ->
          last.(axes) && :sum

        %{kind: "mean", axes: nil, first: %{"kind" => "mean", "axes" => axes}} ->
          last.(axes) && :mean

        %{kind: "mean", axes: axes, first: nil} ->
          last.(axes) && :none

        _ ->
          false
      end

    unless reduction, do: unsupported("terms other than means over the last axis")
    fn i -> function.(i["target"], i["prediction"], reduction: reduction) end
  end

  defp weights!(call) do
    if call.inputs["weight"] || call.inputs["mask"],
      do: unsupported("weights or masks of elements")
  end

  defp poisson(call) do
    if option(call, "epsilon") not in @own_epsilon, do: unsupported("epsilon")
    last_axis(call, ["epsilon"], &L.poisson/3)
  end

  defp soft_margin(call) do
    only(call, [])
    weights!(call)

    reduction =
      case call do
        %{keeps_axes: true} ->
          nil

        %{kind: "sum", axes: nil, first: nil} ->
          :sum

        %{kind: "sum", axes: [0], first: nil} ->
          :none

        %{axes: nil, first: %{"kind" => "sum", "axes" => [0]}} ->
          %{"none" => :none, "mean" => :mean, "sum" => :sum}[call.kind]

        _ ->
          nil
      end

    unless reduction, do: unsupported("terms other than sums over the first axis")
    fn i -> L.soft_margin(i["target"], i["prediction"], reduction: reduction) end
  end

  defp binary_cross_entropy(call) do
    unless option(call, "epsilon") in @own_epsilon and option(call, "clip") in @own_epsilon,
      do: unsupported("epsilon or clip")

    options =
      for name <- ["positive_weight", "negative_weight"], option(call, name) != 1 do
        {String.to_atom(name), option(call, name)}
      end

    options = [from_logits: option(call, "from_logits")] ++ options

    last_axis(
      call,
      ["from_logits", "positive_weight", "negative_weight", "epsilon", "clip", "clip_above"],
      &L.binary_cross_entropy(&1, &2, options ++ &3)
    )
  end

  defp cross_entropy(call) do
    only(call, ["from_logits", "class_weights", "targets", "counts_dense_weights"])
    last_class!(call)
    weights = option(call, "class_weights")

    sparse =
      case option(call, "targets") do
        "dense" -> false
        "any" -> Nx.rank(call.inputs["target"]) < Nx.rank(call.inputs["prediction"])
        _ -> true
      end

    # Its mean is our weighted_mean where classes have weights.
    kinds = if weights == [], do: ["mean", "sum"], else: ["weighted_mean", "sum"]

    # Axon takes class indices of one axis as a column, of several only as a column.
    column = fn target, prediction ->
      if sparse and Nx.rank(target) > 1 and Nx.rank(target) < Nx.rank(prediction),
        do: Nx.new_axis(target, -1),
        else: target
    end

    rows(call, kinds, fn i, reduction ->
      options = if weights == [], do: [], else: [class_weights: weights]

      options =
        [from_logits: option(call, "from_logits"), sparse: sparse, reduction: reduction] ++
          options

      L.categorical_cross_entropy(column.(i["target"], i["prediction"]), i["prediction"], options)
    end)
  end

  defp last_class!(call) do
    rank = Nx.rank(call.inputs["prediction"] || call.inputs["target"])

    if rank == 0 or Integer.mod(call.axis, rank) != rank - 1,
      do: unsupported("classes along another axis")
  end

  defp categorical_hinge(call) do
    only(call, ["floor_at_zero", "targets"])
    last_class!(call)
    dense = Nx.rank(call.inputs["target"]) == Nx.rank(call.inputs["prediction"])
    unless dense and call.options["targets"] != "indices", do: unsupported("class indices")
    unless call.options["floor_at_zero"], do: unsupported("floor_at_zero false")

    rows(
      call,
      ["mean", "sum"],
      &L.categorical_hinge(&1["target"], &1["prediction"], reduction: &2)
    )
  end

  defp kl_divergence(call) do
    only(call, ["clip"])
    last_class!(call)
    if option(call, "clip") not in @own_epsilon, do: unsupported("clip")
    rows(call, ["mean", "sum"], &L.kl_divergence(&1["target"], &1["prediction"], reduction: &2))
  end

  defp cosine_similarity(call) do
    only(call, ["epsilon"])
    rank = Nx.rank(call.inputs["prediction"])
    options = [axes: [Integer.mod(call.axis, max(rank, 1))], eps: option(call, "epsilon")]

    rows(
      call,
      ["mean", "sum"],
      &L.cosine_similarity(&1["target"], &1["prediction"], [reduction: &2] ++ options)
    )
  end

  defp huber(call) do
    only(call, ["delta"])
    delta = call.options["delta"]

    rows(
      call,
      ["mean", "sum"],
      &L.huber(&1["target"], &1["prediction"], delta: delta, reduction: &2)
    )
  end

  defp margin_ranking(call) do
    only(call, ["margin"])
    margin = call.options["margin"]

    rows(call, ["mean", "sum"], fn i, reduction ->
      L.margin_ranking(i["target"], {i["first"], i["second"]},
        margin: margin,
        reduction: reduction
      )
    end)
  end

  defp label_smoothing(call) do
    only(call, ["smoothing"])
    rank = Nx.rank(call.inputs["target"])

    unless rank > 1 and Integer.mod(call.axis, rank) == 1,
      do: unsupported("classes along other than axis 1")

    rows(call, [], fn i, _ ->
      L.apply_label_smoothing(i["target"], i["target"], smoothing: call.options["smoothing"])
    end)
  end

  defp ctc(call) do
    only(call, ["blank", "from_logits", "per_label"])
    last_class!(call)
    if option(call, "from_logits"), do: unsupported("logits")
    if call.inputs["prediction_lengths"], do: unsupported("prediction_lengths")

    unless Nx.rank(call.inputs["prediction"]) == 3,
      do: unsupported("other than one axis of sequences")

    # Its mean divides by the labels, its unreduced losses do not.
    kinds = if option(call, "per_label"), do: ["mean"], else: ["sum"]
    blank = Integer.mod(call.options["blank"], Nx.axis_size(call.inputs["prediction"], -1))

    rows(call, kinds, fn i, reduction ->
      if option(call, "per_label") and reduction == :none,
        do: unsupported("per_label beside its mean")

      {batch, labels} = Nx.shape(i["target"])
      lengths = i["target_lengths"] || Nx.broadcast(Nx.tensor(labels), {batch})

      L.connectionist_temporal_classification({lengths, i["target"]}, i["prediction"],
        blank: blank,
        reduction: reduction
      )
    end)
  end

  # Axon's own reduction where it is among `kinds`, else what a user makes of the unreduced terms.
  defp rows(call, kinds, function) do
    names = %{"mean" => :mean, "sum" => :sum, "weighted_mean" => :mean}
    inputs = call.inputs
    plain = !(call.axes || call.first || call.keeps_axes || inputs["weight"] || inputs["mask"])

    if plain and call.kind in kinds do
      fn i -> function.(i, names[call.kind]) end
    else
      fn i -> reduce(call, function.(i, :none), i["weight"], i["mask"]) end
    end
  end

  defp reduce(call, terms, weight, mask) do
    terms = first(call, terms, weight, mask)
    rank = Nx.rank(terms)
    axes = call.axes && Enum.map(call.axes, &Integer.mod(&1, rank))

    where =
      if rank == 0,
        do: [],
        else: [axes: axes || Enum.to_list(0..(rank - 1)), keep_axes: call.keeps_axes]

    ones = Nx.broadcast(Nx.tensor(1, type: call.element), terms)
    factor = if weight, do: Nx.multiply(weight, ones), else: ones
    terms = if weight, do: Nx.multiply(terms, factor), else: terms

    kept = fn tensor ->
      if mask,
        do: Nx.select(Nx.broadcast(mask, terms), tensor, Nx.multiply(ones, 0)),
        else: tensor
    end

    terms = kept.(terms)

    case call.kind do
      "none" ->
        terms

      "sum" ->
        Nx.sum(terms, where)

      "mean" ->
        Nx.divide(Nx.sum(terms, where), Nx.sum(kept.(ones), where))

      "weighted_mean" ->
        weighted(call, terms, kept.(factor), where)

      "batch_mean" when rank > 0 and is_nil(mask) and is_nil(axes) ->
        Nx.divide(Nx.sum(terms), Nx.axis_size(terms, 0))

      kind ->
        unsupported("reduction #{kind}")
    end
  end

  defp first(%{first: nil}, terms, _, _), do: terms

  defp first(%{first: first}, terms, nil, nil) do
    axes = Enum.map(first["axes"], &Integer.mod(&1, Nx.rank(terms)))
    if first["kind"] == "mean", do: Nx.mean(terms, axes: axes), else: Nx.sum(terms, axes: axes)
  end

  defp first(_, _, _, _), do: unsupported("two stages with a weight or a mask")

  defp weighted(call, terms, factor, where) do
    if call.options["class_weights"] not in [nil, []],
      do: unsupported("weighted_mean of class weights")

    Nx.divide(Nx.sum(terms, where), Nx.sum(factor, where))
  end
end

defmodule Adapter do
  @moduledoc "The protocol of docs/Adapters.md."

  def serve do
    versions =
      for app <- [:axon, :nx], do: "#{String.capitalize("#{app}")} #{Application.spec(app, :vsn)}"

    write(%{
      protocol: 1,
      implementation: "#{Enum.join(versions, ", ")} on Elixir #{System.version()}"
    })

    for line <- IO.stream(:stdio, :line) do
      request = Jason.decode!(line)
      write(Map.put(answer(request), :id, request["id"]))
    end
  end

  defp write(message), do: IO.write([Jason.encode_to_iodata!(message), "\n"])

  defp answer(request) do
    call = Call.new(request)

    roles = [
      "prediction",
      "target",
      "first",
      "second",
      "weight",
      "mask",
      "prediction_lengths",
      "target_lengths"
    ]

    for role <- Map.keys(call.inputs),
        role not in roles,
        do: Call.unsupported("an input of another name")

    {value, gradients} = evaluate(call, function(call, request["spelled"]), request["gradients"])

    %{
      value: tensor(value),
      gradients: Map.new(gradients, fn {role, slope} -> {role, tensor(slope)} end)
    }
  rescue
    error -> %{error: %{message: error |> Exception.message() |> String.slice(0, 300)}}
  catch
    {:unsupported, reason} -> %{unsupported: reason}
  end

  defp function(call, spelled) do
    # A name that the tool does not take is sent as the loss itself.
    {name, options} =
      if spelled, do: {spelled["loss"], spelled["options"]}, else: {call.loss, call.options}

    if String.starts_with?(name, ["axon.", "Axon.Losses."]) do
      Losses.named(name, options)
    else
      Losses.ours(call)
    end
  end

  defp evaluate(call, function, []), do: {function.(call.inputs), %{}}

  defp evaluate(call, function, wanted) do
    {leaves, fixed} = Map.split(call.inputs, wanted)
    leaves = Map.new(leaves, fn {role, one} -> {role, Nx.as_type(one, call.element)} end)

    # All inputs are arguments, as in a training step: some losses refuse tensors of a closure.
    slopes = fn leaves, fixed ->
      Nx.Defn.grad(leaves, fn leaves -> fixed |> Map.merge(leaves) |> function.() |> Nx.sum() end)
    end

    {function.(Map.merge(fixed, leaves)), Nx.Defn.jit_apply(slopes, [leaves, fixed])}
  end

  @words %{nan: "nan", infinity: "inf", neg_infinity: "-inf"}

  defp tensor(one) do
    data = for x <- Nx.to_flat_list(one), do: Map.get(@words, x, x)
    %{shape: Tuple.to_list(Nx.shape(one)), data: data}
  end
end

Adapter.serve()
