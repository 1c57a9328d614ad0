import LossNumerics
import Testing

/// A function value computed by mpmath with 60 digits and printed with 35.
struct KnownValue: Sendable, CustomTestStringConvertible {
  var name: String
  var x: Double
  var truth: Double
  var bound: Double
  var float: @Sendable (Float) -> Float
  var double: @Sendable (Double) -> Double

  var testDescription: String { "\(name) of \(x)" }
}

/// The elementary functions on every platform, without a reference math library.
@Suite("known values")
struct KnownValueTests {
  @Test("float and double", arguments: KnownValue.all)
  func value(_ known: KnownValue) {
    if Float(known.truth).isNormal || known.truth == 0 {
      #expect(ulps(known.float(Float(known.x)), from: known.truth) <= known.bound)
    }
    // The literal is rounded too.
    #expect(ulps(known.double(known.x), from: known.truth) <= known.bound + 0.5)
  }
}

extension KnownValue {
  static func exp(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "exp",
      x: x,
      truth: truth,
      bound: 0.8,
      float: { .exp($0) },
      double: { .exp($0) }
    )
  }

  static func expMinusOne(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "expMinusOne",
      x: x,
      truth: truth,
      bound: 1.01,
      float: { .expMinusOne($0) },
      double: { .expMinusOne($0) }
    )
  }

  static func log(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(name: "log", x: x, truth: truth, bound: 1, float: { .log($0) }, double: { .log($0) })
  }

  static func logOnePlus(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "logOnePlus",
      x: x,
      truth: truth,
      bound: 1,
      float: { .log(onePlus: $0) },
      double: { .log(onePlus: $0) }
    )
  }

  static func logOnePlusFraction(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "logOnePlusFraction",
      x: x,
      truth: truth,
      bound: 1,
      float: { .log(onePlusFraction: $0) },
      double: { .log(onePlusFraction: $0) }
    )
  }

  static func tanh(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "tanh",
      x: x,
      truth: truth,
      bound: 2,
      float: { .tanh($0) },
      double: { .tanh($0) }
    )
  }

  static func logCosh(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "logCosh",
      x: x,
      truth: truth,
      bound: 2.8,
      float: { .logCosh($0) },
      double: { .logCosh($0) }
    )
  }

  static func sigmoid(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "sigmoid",
      x: x,
      truth: truth,
      bound: 2,
      float: { .sigmoid($0) },
      double: { .sigmoid($0) }
    )
  }

  static func log1pExp(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "log1pExp",
      x: x,
      truth: truth,
      bound: 1.7,
      float: { .log1pExp($0) },
      double: { .log1pExp($0) }
    )
  }

  static func log1mExp(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "log1mExp",
      x: x,
      truth: truth,
      bound: 1.8,
      float: { .log1mExp($0) },
      double: { .log1mExp($0) }
    )
  }

  static func logSigmoid(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "logSigmoid",
      x: x,
      truth: truth,
      bound: 1.7,
      float: { .logSigmoid($0) },
      double: { .logSigmoid($0) }
    )
  }

  static func atan(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "atan",
      x: x,
      truth: truth,
      bound: 1.2,
      float: { .atan($0) },
      double: { .atan($0) }
    )
  }

  static func sinPi(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "sinPi",
      x: x,
      truth: truth,
      bound: 1.7,
      float: { .sinPi($0) },
      double: { .sinPi($0) }
    )
  }

  static func cosPi(_ x: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "cosPi",
      x: x,
      truth: truth,
      bound: 1.7,
      float: { .cosPi($0) },
      double: { .cosPi($0) }
    )
  }

  static func pow(_ base: Double, _ exponent: Double, is truth: Double) -> KnownValue {
    KnownValue(
      name: "power to \(exponent)",
      x: base,
      truth: truth,
      bound: 0.8,
      float: { .pow($0, Float(exponent)) },
      double: { .pow($0, exponent) }
    )
  }

  static let all: [KnownValue] = [
    .exp(0x1p-40, is: 1.0000000000009094947017733418282213),
    .exp(-0x1p-10, is: 0.99902391418197566223471178961032943),
    .exp(0.5, is: 1.6487212707001281468486507878141636),
    .exp(1, is: 2.7182818284590452353602874713526625),
    .exp(-1, is: 0.36787944117144232159552377016146087),
    .exp(2.5, is: 12.182493960703473438070175951167966),
    .exp(-7.75, is: 0.00043074254057568753685240227799155753),
    .exp(10, is: 22026.465794806716516957900645284244),
    .exp(-20.25, is: 1.6052280551856116086539343091095397e-9),
    .exp(64.5, is: 1.0280022915520464989217267021980788e+28),
    .exp(-80, is: 1.8048513878454151723121283573500274e-35),
    .exp(88.5, is: 2.7230878250681116121060205918913430e+38),
    .expMinusOne(0x1p-60, is: 8.6736173798840354758212043295908537e-19),
    .expMinusOne(-0x1p-30, is: -9.3132257418179764676543048752339171e-10),
    .expMinusOne(0x1.8p-10, is: 0.0014659171576668080098773195076020290),
    .expMinusOne(0.25, is: 0.28402541668774148407342056806243646),
    .expMinusOne(-0.25, is: -0.22119921692859513175482973302167935),
    .expMinusOne(0.375, is: 0.45499141461820133605379369198751851),
    .expMinusOne(-0.375, is: -0.31271072120902780145479766085348641),
    .expMinusOne(1, is: 1.7182818284590452353602874713526625),
    .expMinusOne(-1, is: -0.63212055882855767840447622983853913),
    .expMinusOne(5.5, is: 243.69193226422038791518894951183935),
    .expMinusOne(17.125, is: 27371146.346616125916786569545517106),
    .expMinusOne(-15, is: -0.99999969409767949817421162852050230),
    .expMinusOne(0x1.11cc22p4, is: 27026733.815757276086660088052464916),
    .expMinusOne(0x1.7408ccp-2, is: 0.43808850891477941857211695619779276),
    .expMinusOne(0x1.65081cp-2, is: 0.41717258212405060050501064641845424),
    .expMinusOne(0x1.118c44p4, is: 26608585.897496679551832701256957421),
    .log(0x1p-149, is: -103.27892990343185110316758609726831),
    .log(0x1p-126, is: -87.336544750553108986571247303730248),
    .log(0x1.8p-40, is: -27.320422114289647994711271742862714),
    .log(0.25, is: -1.3862943611198906188344642429163531),
    .log(0x1.fffffep-1, is: -5.9604646551747534986332557979943605e-8),
    .log(0x1.000002p0, is: 1.1920928244535445708757915706253072e-7),
    .log(0.75, is: -0.28768207245178092743921900599382743),
    .log(1.25, is: 0.22314355131420975576629509030983450),
    .log(1.5, is: 0.40546510810816438197801311546434914),
    .log(2, is: 0.69314718055994530941723212145817657),
    .log(10, is: 2.3025850929940456840179914546843642),
    .log(0x1.921fb6p100, is: 69.766300789111520572119788346557555),
    .logOnePlus(0x1p-70, is: 8.4703294725430033906796376827277481e-22),
    .logOnePlus(-0x1p-30, is: -9.3132257504915938488846629610649891e-10),
    .logOnePlus(0x1.4p-12, is: 0.00030512922459300449445824519979692741),
    .logOnePlus(0.25, is: 0.22314355131420975576629509030983450),
    .logOnePlus(-0.25, is: -0.28768207245178092743921900599382743),
    .logOnePlus(0.375, is: 0.31845373111853461581024721359059960),
    .logOnePlus(-0.375, is: -0.47000362924573555365093703114834206),
    .logOnePlus(-0x1.fffffep-1, is: -16.635532333438687426013570914996238),
    .logOnePlus(1, is: 0.69314718055994530941723212145817657),
    .logOnePlus(3, is: 1.3862943611198906188344642429163531),
    .logOnePlus(1000, is: 6.9087547793152205852207837629736276),
    .logOnePlus(0x1p100, is: 69.314718055994530941723212145818446),
    .logOnePlusFraction(0x1p-100, is: 7.8886090522101180541172856528247508e-31),
    .logOnePlusFraction(0x1.8p-20, is: 1.4305104514288112863640700348903073e-6),
    .logOnePlusFraction(0x1p-5, is: 0.030771658666753688371028207596772164),
    .logOnePlusFraction(0.25, is: 0.22314355131420975576629509030983450),
    .logOnePlusFraction(0x1.fffffep-2, is: 0.40546508823994925947482001224837196),
    .logOnePlusFraction(0.5, is: 0.40546510810816438197801311546434914),
    .logOnePlusFraction(0.625, is: 0.48550781578170080780179107719078890),
    .logOnePlusFraction(0.75, is: 0.55961578793542268627088850052682659),
    .logOnePlusFraction(0x1.fffffep-1, is: 0.69314715075762247763270094813549595),
    .logOnePlusFraction(1, is: 0.69314718055994530941723212145817657),
    .tanh(0x1p-70, is: 8.4703294725430033906832250067964196e-22),
    .tanh(-0x1p-12, is: -0.00024414062014936170619261167281366269),
    .tanh(0.0625, is: 0.062418746747512514490142891194211334),
    .tanh(-0.2197265625, is: -0.21625742733830013281719481394974747),
    .tanh(0.25, is: 0.24491866240370912927780113149101696),
    .tanh(0.255859375, is: 0.25041860616084791726409611880450859),
    .tanh(0.375, is: 0.35835739835078594631936023155315804),
    .tanh(-0.5, is: -0.46211715726000975850231848364367255),
    .tanh(1, is: 0.76159415595576488811945828260479359),
    .tanh(2.5, is: 0.98661429815143028888127603923734964),
    .tanh(-6, is: -0.99998771165079557056434885235523207),
    .tanh(9, is: 0.99999996954004097447930211118358240),
    .tanh(0x1.04ce34p-2, is: 0.2493249166842227645058145390514106),
    .tanh(0x1.ad5946p-3, is: 0.20662470136631962441012747130854239),
    .tanh(0x1.f7f1fcp-6, is: 0.030748680895039927546166587412829963),
    .logCosh(0x1p-50, is: 3.9443045261050590270586428264134126e-31),
    .logCosh(0x1p-12, is: 2.9802322091635843972363433264032616e-8),
    .logCosh(-0.125, is: 0.0077922393188982527906040102001413740),
    .logCosh(0.5, is: 0.12011450695827752463176337350967907),
    .logCosh(0.7421875, is: 0.25332226285249602565502373797279797),
    .logCosh(-0.75, is: 0.25826609742280710008225068759891454),
    .logCosh(1, is: 0.43378083048302718702649468490012786),
    .logCosh(2, is: 1.3250027473578644309377511968295773),
    .logCosh(-5, is: 4.3068982183392715552295373663711305),
    .logCosh(20.5, is: 19.806852819440054692145650067876812),
    .logCosh(100, is: 99.306852819440054690582767878541823),
    .logCosh(1e10, is: 9999999999.3068528194400546905827679),
    .sigmoid(0, is: 0.50000000000000000000000000000000000),
    .sigmoid(0x1p-20, is: 0.50000023841857910154442996379190990),
    .sigmoid(-0.5, is: 0.37754066879814543536109943425449152),
    .sigmoid(1, is: 0.73105857863000487925115924182183627),
    .sigmoid(-1, is: 0.26894142136999512074884075817816373),
    .sigmoid(2.5, is: 0.92414181997875644880669382335375223),
    .sigmoid(-4.15625, is: 0.015424552081841137517419850091487288),
    .sigmoid(5, is: 0.99330714907571514444063801961867482),
    .sigmoid(-20, is: 2.0611536181902035814308621294745927e-9),
    .sigmoid(16, is: 0.99999988746483794490500941647818420),
    .sigmoid(-80.5, is: 1.0946977029531416782074210040862748e-35),
    .sigmoid(-0x1.096c92p2, is: 0.015561804961209395432977522570357482),
    .sigmoid(-0x1.8f3676p2, is: 0.0019505352208782881289825793123442611),
    .sigmoid(-0x1.62c38ep2, is: 0.0038987779973775073708853589530356883),
    .log1pExp(0, is: 0.69314718055994530941723212145817657),
    .log1pExp(0x1p-20, is: 0.69314765739721719937995373317968359),
    .log1pExp(-0.5, is: 0.47407698418010668087299735508117075),
    .log1pExp(0.5, is: 0.97407698418010668087299735508117075),
    .log1pExp(1, is: 1.3132616875182228340489954949678556),
    .log1pExp(-1.25, is: 0.25192908134537288895341872621418269),
    .log1pExp(5, is: 5.0067153484891180686164166877326421),
    .log1pExp(-8, is: 0.00033540637289576883157390985603286894),
    .log1pExp(20, is: 20.000000002061153620314380703238983),
    .log1pExp(-20, is: 2.0611536203143807032389827988779152e-9),
    .log1pExp(-80.5, is: 1.0946977029531416782074210040862748e-35),
    .log1pExp(1000, is: 1000.0000000000000000000000000000000),
    .log1mExp(-0x1p-60, is: -41.588830833596718565467608156484796),
    .log1mExp(-0x1p-20, is: -13.862944088036026495857068557440834),
    .log1mExp(-0.25, is: -1.5086915494460321341024771318068184),
    .log1mExp(-0.6875, is: -0.69882643296940895892853156516127964),
    .log1mExp(-0.703125, is: -0.68326793525547038566066163067564375),
    .log1mExp(-1, is: -0.45867514538708189102164364506732970),
    .log1mExp(-2.5, is: -0.085650483742038181169965050810071981),
    .log1mExp(-10, is: -4.5400960370489209504446359878908828e-5),
    .log1mExp(-20, is: -2.0611536245627349585305718032314070e-9),
    .log1mExp(-80.5, is: -1.0946977029531416782074210040862748e-35),
    .logSigmoid(0, is: -0.69314718055994530941723212145817657),
    .logSigmoid(20, is: -2.0611536203143807032389827988779152e-9),
    .logSigmoid(-20, is: -20.000000002061153620314380703238983),
    .logSigmoid(0.5, is: -0.47407698418010668087299735508117075),
    .logSigmoid(-0.5, is: -0.97407698418010668087299735508117075),
    .atan(0x1p-70, is: 8.4703294725430033906832250067964196e-22),
    .atan(-0x1p-12, is: -0.00024414062014936176401672294325965999),
    .atan(0.25, is: 0.24497866312686415417208248121127581),
    .atan(0.5625, is: 0.51238946031073770666660102058425925),
    .atan(-0x1.200002p-1, is: -0.51238950558904237691343568717643841),
    .atan(0.75, is: 0.64350110879328438680280922871732264),
    .atan(1, is: 0.78539816339744830961566084581987572),
    .atan(-1.5, is: -0.98279372324732906798571061101466601),
    .atan(1.75, is: 1.0516502125483736674598673120862998),
    .atan(0x1.c71c74p0, is: 1.0584068983204658928049074652971798),
    .atan(2.5, is: 1.1902899496825317329277337748293183),
    .atan(-100, is: -1.5607966601082313810249815754304719),
    .atan(1e10, is: 1.5707963266948966192313216916400848),
    .atan(0x1p100, is: 1.5707963267948966192313216916389626),
    .sinPi(0x1p-70, is: 2.6610324844426207729181220280402927e-21),
    .sinPi(0.0625, is: 0.19509032201612826784828486847702224),
    .sinPi(-0.25, is: -0.70710678118654752440084436210484904),
    .sinPi(0.375, is: 0.92387953251128675612818318939678829),
    .sinPi(0.5, is: 1.0000000000000000000000000000000000),
    .sinPi(-0.75, is: -0.70710678118654752440084436210484904),
    .sinPi(1.125, is: -0.38268343236508977172845998403039887),
    .sinPi(17.1875, is: -0.55557023301960222474283081394853287),
    .sinPi(-1000.25, is: -0.70710678118654752440084436210484904),
    .sinPi(0x1.000002p20, is: 0.38268343236508977172845998403039887),
    .cosPi(0x1p-70, is: 1.0000000000000000000000000000000000),
    .cosPi(0.0625, is: 0.98078528040323044912618223613423904),
    .cosPi(-0.25, is: 0.70710678118654752440084436210484904),
    .cosPi(0.375, is: 0.38268343236508977172845998403039887),
    .cosPi(-0.75, is: -0.70710678118654752440084436210484904),
    .cosPi(1.125, is: -0.92387953251128675612818318939678829),
    .cosPi(17.1875, is: -0.83146961230254523707878837761790576),
    .cosPi(-1000.25, is: 0.70710678118654752440084436210484904),
    .cosPi(0x1.000002p20, is: 0.92387953251128675612818318939678829),
    .pow(0.5, 0.5, is: 0.70710678118654752440084436210484904),
    .pow(0.5, 1.5, is: 0.35355339059327376220042218105242452),
    .pow(2, -3, is: 0.12500000000000000000000000000000000),
    .pow(0x1p-20, 2.5, is: 8.8817841970012523233890533447265625e-16),
    .pow(0.75, 4, is: 0.31640625000000000000000000000000000),
    .pow(0x1.fffffep-1, 1000, is: 0.99994039712976990522766501446507338),
    .pow(10, 20.25, is: 1.7782794100389228012254211951926848e+20),
    .pow(0.1015625, 12, is: 1.2044827701829008989133641514693643e-12),
    .pow(1.25, 100, is: 4909093465.2977265530957719549862756),
    .pow(3, -0.5, is: 0.57735026918962576450914878050195746),
  ]
}
