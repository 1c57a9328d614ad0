"""Runs the frameworks on tensors in the forms that only they take, and writes those cases.

    python3 argument_cases.py            run the frameworks
    python3 argument_cases.py --write    replace the cases of these ids in ../corpus

Tensors that are options here (class weights), weights of samples, masks of elements, class indices
with an axis of extent 1, several class axes, and errors.

Depends on: numpy, torch, keras (on jax), optax, mlx, monai, segmentation_models_pytorch.
"""

import os, sys, json, pathlib, subprocess
os.environ["KERAS_BACKEND"]="jax"; os.environ["JAX_ENABLE_X64"]="1"
import warnings; warnings.filterwarnings("ignore")
import numpy as np, torch, torch.nn.functional as F, jax, jax.numpy as jnp, keras, optax
import mlx.core as mx, mlx.nn.losses as ml, monai.losses as mo, segmentation_models_pytorch.losses as sm
mx.set_default_device(mx.cpu)
R = pathlib.Path(__file__).resolve().parents[2]
from layout import text
A=lambda *x: np.array(x[0] if len(x)==1 else x,dtype=np.float64)
I=lambda x: np.array(x,dtype=np.int64)
def tensor(a, el=True):
    a=np.asarray(a); k={"f":"f64","i":"i64","b":"bool"}[a.dtype.kind]
    data=["nan" if x!=x else {np.inf:"inf",-np.inf:"-inf"}.get(x,x) for x in a.reshape(-1).tolist()]
    return {**({"element":k} if el else {}),"shape":list(a.shape),"data":data}
def run_torch(fn, ins, grads):
    t={k:torch.tensor(v) for k,v in ins.items()}
    for g in grads: t[g].requires_grad_()
    v=fn(t)
    if grads: v.sum().backward()
    return v.detach().numpy(), {g:t[g].grad.numpy() for g in grads}
def run_jax(fn, ins, grads):
    v=np.asarray(fn(ins))
    gs={}
    for g in grads:
        gs[g]=np.asarray(jax.grad(lambda x: jnp.sum(fn({**ins,g:x})))(jnp.asarray(ins[g])))
    return v,gs
def run_mlx(fn, ins, grads):
    with mx.stream(mx.cpu):
        return np.array(fn({k:mx.array(v, dtype=mx.float64 if v.dtype.kind=='f' else None) if v.dtype.kind=='f' else mx.array(v) for k,v in ins.items()}), dtype=np.float64), {}
out={}
def C(loss,id,about,run,fn,ins,grads=(),options=None,tol=1e-12,because="the framework's own rounding",source=None,place=None,flags=(),rename=None,loss_field=None,reduction=None):
    group,short=loss.split('.')
    v,gs=run(fn,ins,grads)
    rename=rename or {}
    case={"id":id,"about":about,"flags":list(flags),"source":source or group+"-run","place":place or loss}
    if loss_field: case["loss"]=loss_field
    if any(np.asarray(x).size>12 for x in ins.values()): case["flags"].append("Large")
    case["inputs"]={rename.get(k,k):tensor(x) for k,x in ins.items()}
    if options: case["options"]=options
    if reduction: case["reduction"]=reduction
    case["expect"]={"value":tensor(np.asarray(v,dtype=np.float64),False)}
    if gs: case["expect"]["gradients"]={rename.get(k,k):tensor(np.asarray(g,dtype=np.float64)) for k,g in gs.items()}
    case["tolerance"]={"relative":tol}; case["because"]=because
    out.setdefault((group,short),[]).append(case)
X=A([[1,2],[.5,0]]); D=A([[1,0],[0,1]]); D2=A([[.3,.7],[.6,.4]]); W=A([1,3]); Y=I([0,1]); Y2=I([1,1])
T='torch.'; P='prediction'; Tg='target'
pt="torch.nn.functional."
for id,about,y,ls in (("weight-tensor-dense","class weights as a tensor; the mean of dense targets divides by rows",D,0),("weight-tensor-smoothed","class weights as a tensor with smoothed dense targets",D2,.1)):
    C('torch.cross_entropy',id,about,run_torch,lambda t,ls=ls:F.cross_entropy(t[P],t[Tg],weight=t['weight'],label_smoothing=ls),{P:X,Tg:y,'weight':W},(P,Tg),options={"label_smoothing":ls} if ls else None,place=pt+"cross_entropy")
C('torch.cross_entropy','weight-tensor-indices','a tensor weight is of classes, also with as many samples',run_torch,lambda t:F.cross_entropy(t[P],t[Tg],weight=t['weight']),{P:X,Tg:Y2,'weight':W},(P,),place=pt+"cross_entropy")
C('torch.cross_entropy','weight-tensor-indices-smoothed','smoothed class indices divide by the weights of their classes',run_torch,lambda t:F.cross_entropy(t[P],t[Tg],weight=t['weight'],label_smoothing=.1),{P:X,Tg:I([0,0]),'weight':W},(P,),options={"label_smoothing":.1},place=pt+"cross_entropy")
L=-A([[1,2],[.5,.25]])
C('torch.nll_loss','weight-tensor','a tensor weight is of classes',run_torch,lambda t:F.nll_loss(t[P],t[Tg],weight=t['weight']),{P:L,Tg:I([1,0]),'weight':W},(P,),place=pt+"nll_loss")
C('torch.multi_margin_loss','weight-tensor','a tensor weight is of classes',run_torch,lambda t:F.multi_margin_loss(t[P],t[Tg],weight=t['weight']),{P:X,Tg:I([1,0]),'weight':W},(P,),place=pt+"multi_margin_loss")
C('torch.multilabel_soft_margin_loss','weight-tensor','a tensor weight is of classes',run_torch,lambda t:F.multilabel_soft_margin_loss(t[P],t[Tg],weight=t['weight']),{P:X,Tg:D,'weight':W},(P,),place=pt+"multilabel_soft_margin_loss")
C('torch.binary_cross_entropy','weight-label','a weight of one axis belongs to the last axis',run_torch,lambda t:F.binary_cross_entropy(t[P],t[Tg],weight=t['weight']),{P:A([[.2,.7],[.5,.9],[.4,.6]]),Tg:A([[1,0],[0,1],[1,1]]),'weight':W},(P,),place=pt+"binary_cross_entropy")
b='torch.binary_cross_entropy_with_logits'; bp=pt+"binary_cross_entropy_with_logits"
X3=A([[1,2],[.5,0],[-1,.3]]);D3=A([[1,0],[0,1],[1,.25]])
C(b,'weight-label','a weight of one axis belongs to the last axis',run_torch,lambda t:F.binary_cross_entropy_with_logits(t[P],t[Tg],weight=t['weight']),{P:X3,Tg:D3,'weight':W},(P,),place=bp)
C(b,'weight-option','a weight of the last axis, as an option',run_torch,lambda t:F.binary_cross_entropy_with_logits(t[P],t[Tg],weight=torch.tensor(W)),{P:X3,Tg:D3},(P,),options={'weight':[1,3]},place=bp)
C('torch.mse_loss','weight-option','a weight of elements, as an option',run_torch,lambda t:F.mse_loss(t[P],t[Tg],weight=torch.tensor([1.,3,2])),{P:A([1,2,.5]),Tg:A([0,1,1])},(P,),options={'weight':[1,3,2]},place=pt+'mse_loss')
C(b,'pos-weight-tensor','a weight of positives for each label, as a tensor',run_torch,lambda t:F.binary_cross_entropy_with_logits(t[P],t[Tg],pos_weight=t['pos_weight']),{P:X3,Tg:D3,'pos_weight':W},(P,Tg),place=bp)
C(b,'pos-weight-list','a weight of positives for each label, as an option',run_torch,lambda t:F.binary_cross_entropy_with_logits(t[P],t[Tg],pos_weight=torch.tensor(W),reduction='none'),{P:X3,Tg:D3},(P,Tg),options={"pos_weight":[1,3],"reduction":"none"},place=bp)
C(b,'pos-weight-one','a weight of positives in a list of one',run_torch,lambda t:F.binary_cross_entropy_with_logits(t[P],t[Tg],pos_weight=torch.tensor([2.])),{P:X3,Tg:D3},(P,Tg),options={"pos_weight":[2]},place=bp)
V='variance'
for id,about,v in (("variance-number","one variance for all",np.array(2.0)),("variance-row","a variance for each row",A([1,2])),("variance-column","a variance for each row, with an axis of extent 1",A([[1],[2]])),("variance-channel","a variance for each position of the last axis",A([[1,2]]))):
    C('torch.gaussian_nll_loss',id,about,run_torch,lambda t,v=v:F.gaussian_nll_loss(t[P],t[Tg],t[V] if v.ndim else float(v)),{P:X,Tg:A([[0,0],[1,1]]),V:v},(P,V) if v.ndim else (P,),place=pt+"gaussian_nll_loss")
# keras
K=keras.losses; kt=dict(tol=1e-5,because="Keras computes some of it in 32 bits")
keras.config.set_floatx("float64")
Pk=A([[.2,.3,.5],[.1,.8,.1]])
sk='keras.sparse_categorical_crossentropy'; kc='keras.losses.SparseCategoricalCrossentropy'
f=lambda t:K.SparseCategoricalCrossentropy(from_logits=True,dtype="float64")(t[Tg],t[P])
C(sk,'labels-column','class indices with a last axis of extent 1',run_jax,f,{P:Pk,Tg:I([[0],[2]])},(P,),options={'from_logits':True},loss_field=kc,place=kc,**kt)
C(sk,'labels-real','class indices as floating-point numbers',run_jax,f,{P:Pk,Tg:A([0,2])},(P,),options={'from_logits':True},loss_field=kc,place=kc,**kt)
P4=np.array([[[[.2,.3,.5],[.1,.8,.1]]],[[[.6,.3,.1],[.25,.25,.5]]]])
C(sk,'labels-image-column','labels of an image with a last axis of extent 1',run_jax,f,{P:P4,Tg:I([[[[0],[2]]],[[[1],[2]]]])},(P,),options={'from_logits':True},loss_field=kc,place=kc,**kt)
fw=lambda t:K.SparseCategoricalCrossentropy(from_logits=True,dtype="float64")(t[Tg],t[P],sample_weight=t['sample_weight'])
C(sk,'sample-weight','one weight for each sample',run_jax,fw,{P:Pk,Tg:I([[0],[2]]),'sample_weight':A([1,3])},(P,),loss_field=kc,place=kc,options={"name":"ce","dtype":"float64","from_logits":True},**kt)
m='keras.mean_squared_error'; mc='keras.losses.MeanSquaredError'
B3=np.arange(12.).reshape(2,3,2)/8; Z3=np.round(np.cos(B3),2)
fm=lambda t:K.MeanSquaredError(dtype="float64")(t[Tg],t[P],sample_weight=t['sample_weight'])
for id,about,w in (("sample-weight-column","a weight for each sample, with an axis of extent 1",A([[1],[3]])),("sample-weight-steps","a weight for each step, the last axis of the means",A([1,2,3])),("sample-weight-all","a weight for each mean",A([[1,2,3],[3,4,5]])),("sample-weight-terms","a weight for each mean, with an axis of extent 1",A([[[1],[2],[3]],[[3],[4],[5]]]))):
    C(m,id,about,run_jax,fm,{P:B3,Tg:Z3,'sample_weight':w},(P,),loss_field=mc,place=mc,**kt)
C(m,'sample-weight-rows','one weight for each sample of two axes',run_jax,fm,{P:B3[0],Tg:Z3[0],'sample_weight':A([1,2,3])},(P,),loss_field=mc,place=mc,**kt)
C(m,'target-column','targets with a last axis of extent 1',run_jax,lambda t:K.MeanSquaredError(dtype="float64")(t[Tg],t[P]),{P:A([1,2.5]),Tg:A([[3],[5]])},(P,),loss_field=mc,place=mc,**kt)
yt=np.array([1,0,0,1,1,1,0,1,0,0,1,0.]).reshape(2,3,2); yp=np.round(np.random.RandomState(1).rand(2,3,2),2)
for ax,w in (([1,2],'12'),([0,1],'01'),(-1,'last'),([1],'1')):
    a=tuple(ax) if isinstance(ax,list) else ax
    C('keras.dice','axis-'+w,f'regions over the axes {ax}, with their mean',run_jax,lambda t,a=a:K.Dice(axis=a,dtype="float64")(t[Tg],t[P]),{P:yp,Tg:yt},(P,),options={"axis":ax},loss_field='keras.losses.Dice',place='keras.losses.Dice',**kt)
    C('keras.dice','axis-'+w+'-each',f'regions over the axes {ax}, each by itself',run_jax,lambda t,a=a:K.dice(t[Tg],t[P],axis=a),{P:yp,Tg:yt},(P,),options={"axis":ax},place='keras.losses.dice',**kt)
C('keras.tversky','axis-12','regions over the axes 1 and 2',run_jax,lambda t:K.Tversky(alpha=.3,beta=.7,axis=(1,2),dtype="float64")(t[Tg],t[P]),{P:yp,Tg:yt},(P,),options={"axis":[1,2],"alpha":.3,"beta":.7},loss_field='keras.losses.Tversky',place='keras.losses.Tversky',**kt)
C('keras.hinge','labels-bool','truth values are converted to -1 and +1',run_jax,lambda t:K.hinge(t[Tg],t[P]),{P:A([.3,.6,-.2]),Tg:np.array([False,True,False])},(P,),place='keras.losses.hinge',**kt)
# optax
Xo=A([[1,2,.5],[.5,0,-1]]);Do=A([[.2,.5,.3],[0,1,0]]); M=np.array([[True,True,False],[True,True,True]])
o=optax.losses
C('optax.softmax_cross_entropy','where','masked classes are left out of softmax and sum',run_jax,lambda t:o.softmax_cross_entropy(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':M},(P,),place='optax.losses.softmax_cross_entropy')
C('optax.softmax_cross_entropy_with_integer_labels','where','masked classes are left out of the softmax',run_jax,lambda t:o.softmax_cross_entropy_with_integer_labels(t[P],t[Tg],where=t['where']),{P:Xo,Tg:I([1,0]),'where':M},(P,),place='optax.losses.softmax_cross_entropy_with_integer_labels')
C('optax.softmax_cross_entropy','where-rows','a mask of rows',run_jax,lambda t:o.softmax_cross_entropy(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':np.array([True,False])},(),place='optax.losses.softmax_cross_entropy')
D3o=np.round(np.random.RandomState(2).dirichlet(np.ones(4),size=2).reshape(2,2,2),3);X3o=np.round(np.random.RandomState(3).randn(2,2,2),2)
for ax,w in (([1,2],'12'),([0,2],'02'),(None,'all')):
    C('optax.softmax_cross_entropy','axis-'+w,'several class axes' if ax else 'all axes are class axes',run_jax,lambda t,ax=ax:o.softmax_cross_entropy(t[P],t[Tg],axis=tuple(ax) if ax else None),{P:X3o,Tg:D3o},(P,Tg),options={"axis":ax},place='optax.losses.softmax_cross_entropy')
LP=np.log(A([[.2,.5,.3],[.1,.6,.3]]))
C('optax.kl_divergence','where','masked classes are left out',run_jax,lambda t:o.kl_divergence(t[P],t[Tg],where=t['where']),{P:LP,Tg:Do,'where':M},(P,),place='optax.losses.kl_divergence')
C('optax.generalized_kl_divergence','where','masked classes are left out',run_jax,lambda t:o.generalized_kl_divergence(t[P],t[Tg],where=t['where']),{P:LP,Tg:Do,'where':M},(P,),place='optax.losses.generalized_kl_divergence')
C('optax.kl_divergence_with_log_targets','where','masked classes are left out',run_jax,lambda t:o.kl_divergence_with_log_targets(t[P],t[Tg],where=t['where']),{P:LP,Tg:np.log(A([[.3,.3,.4],[.2,.2,.6]])),'where':M},(P,),place='optax.losses.kl_divergence_with_log_targets')
C('optax.cosine_similarity','where','masked features are left out',run_jax,lambda t:o.cosine_similarity(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':M},(P,),place='optax.losses.cosine_similarity')
C('optax.cosine_distance','where','masked features are left out',run_jax,lambda t:o.cosine_distance(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':M},(P,),place='optax.losses.cosine_distance')
C('optax.poly_loss_cross_entropy','where','masked classes are left out',run_jax,lambda t:o.poly_loss_cross_entropy(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':M},(P,),place='optax.losses.poly_loss_cross_entropy')
C('optax.ranking_softmax_loss','where-weights','masked items are left out, and items have weights',run_jax,lambda t:o.ranking_softmax_loss(t[P],t[Tg],where=t['where'],weights=t['weights']),{P:Xo,Tg:A([[1,0,2],[0,1,1]]),'where':M,'weights':A([[1,2,3],[.5,1,2]])},(P,),place='optax.losses.ranking_softmax_loss')
C('optax.ranking_softmax_loss','reduce-sum','the sum over the lists',run_jax,lambda t:o.ranking_softmax_loss(t[P],t[Tg],reduce_fn=jnp.sum),{P:Xo,Tg:A([[1,0,2],[0,1,1]])},(P,),options={"reduce_fn":"sum"},place='optax.losses.ranking_softmax_loss')
C('optax.ranking_softmax_loss','reduce-none','one number for each list',run_jax,lambda t:o.ranking_softmax_loss(t[P],t[Tg],reduce_fn=None),{P:Xo,Tg:A([[1,0,2],[0,1,1]])},(P,),options={"reduce_fn":None},place='optax.losses.ranking_softmax_loss')
for n in ('squared_error','l2_loss','huber_loss','log_cosh'):
    C('optax.'+n,'no-targets','targets of zero where none are given',run_jax,lambda t,n=n:getattr(o,n)(t[P]),{P:A([1,-2,.5])},(P,),place='optax.losses.'+n)
# mlx
mt=dict(tol=1e-5,because="MLX computes some of it in 32 bits")
C('mlx.cross_entropy','weights','weights of the terms, which a mean does not divide by',run_mlx,lambda t:ml.cross_entropy(t[P],t[Tg],t['weights'],reduction='mean'),{P:Xo,Tg:I([1,0]),'weights':A([1,3])},options={"reduction":"mean"},place='mlx.nn.losses.cross_entropy',**mt)
C('mlx.binary_cross_entropy','weights','weights of the terms, which a mean does not divide by',run_mlx,lambda t:ml.binary_cross_entropy(t[P],t[Tg],t['weights']),{P:Xo,Tg:Do,'weights':A([[1,3,2],[0,1,.5]])},place='mlx.nn.losses.binary_cross_entropy',**mt)
# monai
Xm=np.round(np.random.RandomState(5).randn(1,3,2,2),2); Ym=I([[[[0,2],[1,2]]]]); 
oh=lambda y:torch.nn.functional.one_hot(torch.tensor(y)[:,0],3).permute(0,3,1,2)
mm=dict(tol=1e-10,because="MONAI takes the overlap of squares from squared differences")
C('monai.DiceLoss','to-onehot','indices with a class axis of extent 1',run_torch,lambda t:mo.DiceLoss(softmax=True,to_onehot_y=True)(t[P],t[Tg]),{P:Xm,Tg:Ym},(P,),options={"softmax":True,"to_onehot_y":True,"other_act":None},place='monai.losses.DiceLoss',**mm)
C('monai.DiceLoss','weight-number','one weight for all classes',run_torch,lambda t:mo.DiceLoss(softmax=True,to_onehot_y=True,weight=2.5)(t[P],t[Tg]),{P:Xm,Tg:Ym},(P,),options={"softmax":True,"to_onehot_y":True,"weight":2.5},place='monai.losses.DiceLoss',**mm)
C('monai.DiceLoss','weight-tensor','a weight for each class, as a tensor',run_torch,lambda t:mo.DiceLoss(softmax=True,to_onehot_y=True,weight=t['weight'])(t[P],t[Tg]),{P:Xm,Tg:Ym,'weight':A([1,2,.5])},(P,),options={"softmax":True},place='monai.losses.DiceLoss',**mm)
C('monai.DiceCELoss','to-onehot','indices with a class axis of extent 1',run_torch,lambda t:mo.DiceCELoss(softmax=True,to_onehot_y=True)(t[P],t[Tg]),{P:Xm,Tg:Ym},(P,),options={"softmax":True,"to_onehot_y":True},place='monai.losses.DiceCELoss',**mm)
C('monai.DiceFocalLoss','weight-number','one weight for all classes of both parts',run_torch,lambda t:mo.DiceFocalLoss(softmax=True,to_onehot_y=True,weight=2.5)(t[P],t[Tg]),{P:Xm,Tg:Ym},(P,),options={"softmax":True,"weight":2.5},place='monai.losses.DiceFocalLoss',tol=1e-5,because="MONAI computes it in 32 bits")
C('monai.FocalLoss','weight-number','one weight for all classes',run_torch,lambda t:mo.FocalLoss(weight=2.5)(t[P],t[Tg]),{P:Xm,Tg:np.array(oh(Ym),dtype=float)},(P,),options={"weight":2.5,"include_background":True},place='monai.losses.FocalLoss',tol=1e-5,because="MONAI computes it in 32 bits")
# smp
Ys=I([[[0,255],[1,2]]]); s7=dict(tol=1e-6,because="segmentation_models_pytorch holds its constants in 32 bits")
C('smp.DiceLoss','ignore-index','targets of one number are left out',run_torch,lambda t:sm.DiceLoss('multiclass',ignore_index=255)(t[P],t[Tg]),{P:Xm,Tg:Ys},(P,),options={"mode":"multiclass","ignore_index":255,"eps":1e-7},place='segmentation_models_pytorch.losses.DiceLoss')
C('smp.TverskyLoss','ignore-index','targets of one number are left out, gamma has its default',run_torch,lambda t:sm.TverskyLoss('multiclass',ignore_index=255,alpha=.3,beta=.7)(t[P],t[Tg]),{P:Xm,Tg:Ys},(P,),options={"mode":"multiclass","ignore_index":255,"alpha":.3,"beta":.7,"gamma":1},place='segmentation_models_pytorch.losses.TverskyLoss')
Xb=A([[[[.5,-1],[2,.25]]]]); Yb=A([[[[0,1],[255,1]]]])
C('smp.DiceLoss','ignore-index-binary','targets of one number are left out, one class',run_torch,lambda t:sm.DiceLoss('binary',ignore_index=255)(t[P],t[Tg]),{P:Xb,Tg:Yb},(P,),options={"mode":"binary","ignore_index":255},place='segmentation_models_pytorch.losses.DiceLoss')
C('smp.SoftBCEWithLogitsLoss','ignore-index','ignored targets count in the mean',run_torch,lambda t:sm.SoftBCEWithLogitsLoss(ignore_index=255)(t[P],t[Tg]),{P:Xb,Tg:Yb},(P,),options={"ignore_index":255,"weight":None},place='segmentation_models_pytorch.losses.SoftBCEWithLogitsLoss')
C('smp.FocalLoss','ignore-index','ignored targets are left out of the mean',run_torch,lambda t:sm.FocalLoss('binary',ignore_index=255)(t[P],t[Tg]),{P:Xb,Tg:Yb},(P,),options={"mode":"binary","ignore_index":255},place='segmentation_models_pytorch.losses.FocalLoss')
C('smp.FocalLoss','from-probabilities','probabilities instead of logits',run_torch,lambda t:sm.FocalLoss('binary',from_logits=False)(t[P],t[Tg]),{P:A([[[[.5,.2],[.9,.25]]]]),Tg:A([[[[0,1],[1,1]]]])},(P,),options={"mode":"binary","from_logits":False},place='segmentation_models_pytorch.losses.FocalLoss')
C('smp.SoftCrossEntropyLoss','defaults-spelled','arguments that spell out their defaults',run_torch,lambda t:sm.SoftCrossEntropyLoss(smooth_factor=0.,ignore_index=-100)(t[P],t[Tg]),{P:Xm,Tg:Ym[:,0]},(P,),options={"smooth_factor":None,"ignore_index":None},place='segmentation_models_pytorch.losses.SoftCrossEntropyLoss')
# own
def second(t):
    f=F.binary_cross_entropy_with_logits(t[P],t[Tg],pos_weight=torch.tensor(W)); return f
def own(file,**k):
    out.setdefault(file,[]).append(k)
v,g=run_torch(second,{P:X3,Tg:D3},(P,Tg))
own(('classification','binary_cross_entropy'),id='positive-weights',about='a weight of positives for each position of the last axis',flags=[],source='torch-run',place=bp+' with pos_weight',inputs={P:tensor(X3),Tg:tensor(D3)},options={"positive_weights":[1,3]},expect={"value":tensor(v,False),"gradients":{k:tensor(x) for k,x in g.items()}},tolerance={"relative":1e-12},because="the framework's own rounding")
v,g=run_torch(lambda t:F.cross_entropy(t[P],t[Tg],weight=torch.tensor(W)),{P:X,Tg:D},(P,Tg))
own(('classification','cross_entropy'),id='dense-weights-uncounted',about='a weighted mean that divides by the rows of a dense target',flags=[],source='torch-run',place=pt+'cross_entropy with weight',inputs={P:tensor(X),Tg:tensor(D)},options={"class_weights":[1,3],"counts_dense_weights":False},reduction="weighted_mean",expect={"value":tensor(v,False),"gradients":{k:tensor(x) for k,x in g.items()}},tolerance={"relative":1e-12},because="the framework's own rounding")
import math
e=float(np.float32(1e-7)); up=float(np.float32(1)-np.float32(1e-7)); 
own(('axon','binary_cross_entropy'),id='clip-above-f32',about='the upper bound of the clip is a 32-bit number',flags=[],source='hand-derived',place='-log(1 - p + e) with e = 1e-7 and p = 1 - e, both rounded to 32 bits',inputs={P:tensor(A([1])),Tg:tensor(A([0]))},expect={"value":{"shape":[],"data":[-math.log(1-up+e)]}},tolerance={"relative":1e-12},because="a logarithm")
own(('classification','binary_cross_entropy'),id='clip-above',about='an upper bound of its own for probabilities',flags=[],source='hand-derived',place='-log(1 - 0.75), as 0.9 is clipped to 1 - 1/4; -log(1/8) with 0 clipped to 1/8',inputs={P:tensor(A([.9,0])),Tg:tensor(A([0,1]))},options={"from_logits":False,"clip":.125,"clip_above":.25},reduction="none",expect={"value":{"shape":[2],"data":[-math.log(.25),-math.log(.125)]}},tolerance={"relative":1e-14},because="a logarithm")
# Flux: classes along the first axis
lx=X.T; ly=D2.T; w=W
lp=lx-np.log(np.exp(lx).sum(0)); fv=-(ly*lp*w[:,None]).sum(0).mean()
own(('flux','logitcrossentropy'),id='weight-v0-10',about='class weights, as up to v0.10',flags=[],source='hand-derived',place='-mean over columns of Σ y logsoftmax(ŷ) weight, computed with NumPy from the formula of v0.10.4',inputs={P:tensor(lx),Tg:tensor(ly),'weight':tensor(W)},expect={"value":tensor(np.array(fv),False)},tolerance={"relative":1e-12},because="NumPy's rounding")
def err(group,short,id,about,code,subject,inputs,options=None,place='what the framework takes'):
    k=dict(id=id,about=about,flags=[],source='hand-derived',place=place,inputs={a:tensor(x) for a,x in inputs.items()})
    if options: k['options']=options
    k['expect']={"error":{"code":code,"subject":subject}}
    own((group,short),**k)
err('torch','cross_entropy','ignore-dense','a class to ignore beside dense targets is refused','shape_mismatch',Tg,{P:X,Tg:D2},{"ignore_index":1},'PyTorch: ignore_index is not supported for floating point target')
err('torch','cross_entropy','indices-in-shape','class indices in the shape of the logits are refused','invalid_value',Tg,{P:A([[.1,.2,.3],[.1,.2,.3]]),Tg:I([[0,1,-100],[2,1,0]])},None,'PyTorch: expected floating point type for target with class probabilities')
err('classification','categorical_hinge','indices-in-shape','class predictions of one axis are no row of classes','invalid_value',Tg,{P:A([0,1,2,1,0,2,1]),Tg:I([2,1,0,1,0,1,1])},None,'whole numbers beside the classes are class indices, or one-hot')
err('monai','DiceLoss','other-act','an activation of the caller is refused','invalid_option','other_act',{P:Xm,Tg:Ym},{"other_act":"relu"})
err('smp','TverskyLoss','gamma','a focal exponent is refused','invalid_option','gamma',{P:Xm,Tg:Ym[:,0]},{"mode":"multiclass","gamma":2})
# found by matrix.py
legacy=(("reduce-before-reduction",{"reduce":False,"reduction":"sum"}),("reduce-to-mean",{"reduce":True,"reduction":"none"}),("size-average-before-reduction",{"size_average":False,"reduction":"none"}),("reduce-with-size-average",{"reduce":True,"size_average":False,"reduction":"mean"}))
for id,o in legacy:
    C('torch.mse_loss',id,'deprecated arguments take precedence over the reduction',run_torch,lambda t,o=o:F.mse_loss(t[P],t[Tg],**o),{P:X,Tg:D},(P,),options=o,place=pt+'mse_loss',flags=("OldSpelling",))
C('torch.kl_div','reduce-before-batchmean','deprecated arguments take precedence over the reduction',run_torch,lambda t:torch.nn.KLDivLoss(reduce=False,reduction='batchmean')(t[P],t[Tg]),{P:np.log(D2),Tg:D2[::-1].copy()},(P,),options={"reduce":False,"reduction":"batchmean"},loss_field='torch.nn.KLDivLoss',place='torch.nn.KLDivLoss',flags=("OldSpelling",))
x1=A([1,2,.5]); w3=A([1,3,2])
for id,about,y,o in (("unbatched","one row without a batch axis",np.array(1),{}),("unbatched-none","one row without a batch axis, not reduced",np.array(1),{"reduction":"none"}),("unbatched-dense","one row of probabilities without a batch axis",A([.2,.5,.3]),{"label_smoothing":.1})):
    C('torch.cross_entropy',id,about,run_torch,lambda t,o=o:F.cross_entropy(t[P],t[Tg],weight=t['weight'],**o),{P:x1,Tg:y,'weight':w3},(P,),options=o or None,place=pt+'cross_entropy',flags=("Degenerate",))
C('torch.nll_loss','unbatched','one row without a batch axis',run_torch,lambda t:F.nll_loss(t[P],t[Tg]),{P:-x1,Tg:np.array(2)},(P,),place=pt+'nll_loss',flags=("Degenerate",))
C('torch.multi_margin_loss','unbatched','one row without a batch axis',run_torch,lambda t:F.multi_margin_loss(t[P],t[Tg]),{P:x1,Tg:np.array(0)},(P,),place=pt+'multi_margin_loss',flags=("Degenerate",))
logits=np.round(np.random.RandomState(7).randn(3,2,3),2)
ctc=lambda reduction:lambda t:F.ctc_loss(t[P],t[Tg],t['prediction_lengths'],t['target_lengths'],reduction=reduction)
for r in ('mean','none'):
    C('torch.ctc_loss','joined-'+r,'the labels of all sequences one after the other',run_torch,ctc(r),{P:logits-np.log(np.exp(logits).sum(-1,keepdims=True)),Tg:I([1,2,2]),'prediction_lengths':I([3,3]),'target_lengths':I([2,1])},(),options={"reduction":r},place=pt+'ctc_loss',flags=("Padding","Large"))
Yi=I([[[0,1],[1,2]]])
for id,about,o in (("ignored-counted","ignored targets count in the mean",{"smooth_factor":.1,"ignore_index":1}),("keeps-class-axis","the class axis stays beside targets that can be ignored",{"smooth_factor":.1,"reduction":"none"}),("drops-class-axis","no class axis where no target is ignored",{"smooth_factor":.1,"reduction":"none","ignore_index":None})):
    C('smp.SoftCrossEntropyLoss',id,about,run_torch,lambda t,o=o:sm.SoftCrossEntropyLoss(**o)(t[P],t[Tg]),{P:Xm[:1],Tg:Yi},(P,),options=o,place='segmentation_models_pytorch.losses.SoftCrossEntropyLoss',flags=("WrongDivisor",) if "ignore_index" in o and o["ignore_index"] else ("LostAxis",))
C('smp.SoftBCEWithLogitsLoss','ignore-default','targets of -100 are ignored by default',run_torch,lambda t:sm.SoftBCEWithLogitsLoss()(t[P],t[Tg]),{P:A([[.5,-1,2]]),Tg:A([[0,-100,1]])},(P,),place='segmentation_models_pytorch.losses.SoftBCEWithLogitsLoss',flags=("MaskedLeak",))
C('smp.FocalLoss','sum','the sum of the terms',run_torch,lambda t:sm.FocalLoss('binary',reduction='sum')(t[P],t[Tg]),{P:A([[[[.5,-1,2]]]]),Tg:A([[[[0,1,1]]]])},(P,),options={"mode":"binary","reduction":"sum"},place='segmentation_models_pytorch.losses.FocalLoss',flags=("WrongDivisor",))
C('monai.GeneralizedDiceFocalLoss','weight-number','one weight for all classes of the focal part',run_torch,lambda t:mo.GeneralizedDiceFocalLoss(softmax=True,to_onehot_y=True,weight=2.5,lambda_focal=.5)(t[P],t[Tg]),{P:Xm,Tg:Ym},(P,),options={"softmax":True,"to_onehot_y":True,"weight":2.5,"lambda_focal":.5},place='monai.losses.GeneralizedDiceFocalLoss',tol=1e-5,because="MONAI computes it in 32 bits",flags=("IgnoredOption",))
C(m,'sample-weight-option','weights of the samples, as an option',run_jax,lambda t:K.MeanSquaredError(dtype="float64")(t[Tg],t[P],sample_weight=np.array([1.,3,2])),{P:B3[0],Tg:Z3[0]},(P,),options={"sample_weight":[1,3,2]},loss_field=mc,place=mc,flags=("IgnoredOption",),**kt)
C(m,'sample-weight-none','a weight that is left out in words',run_jax,lambda t:K.MeanSquaredError(dtype="float64")(t[Tg],t[P],sample_weight=None),{P:B3[0],Tg:Z3[0]},(P,),options={"sample_weight":None},loss_field=mc,place=mc,flags=("IgnoredOption",),**kt)
P5=np.arange(12.).reshape(2,2,1,3)/8; Z5=np.round(np.cos(P5),2)
C(m,'sample-weight-before-one','a weight that lacks a last axis of extent 1',run_jax,fm,{P:P5,Tg:Z5,'sample_weight':A([[1],[3]])},(P,),loss_field=mc,place=mc,flags=("BroadcastShape",),**kt)
E4=np.array([[.5,.25],[.1,.7],[.3,-.6],[.2,.4]])
C('keras.circle','labels-column','labels with a last axis of extent 1',run_jax,lambda t:K.Circle(gamma=8,dtype="float64")(t[Tg],t[P]),{P:E4,Tg:I([[0],[1],[0],[1]])},(P,),options={"gamma":8},loss_field='keras.losses.Circle',place='keras.losses.Circle',flags=("BroadcastShape",),**kt)
C('keras.categorical_focal_crossentropy','alpha-tensor','a factor for each class, as a tensor',run_jax,lambda t:K.CategoricalFocalCrossentropy(alpha=t['alpha'],from_logits=True,dtype="float64")(t[Tg],t[P]),{P:Pk,Tg:A([[1,0,0],[0,0,1]]),'alpha':A([1,.5,2])},(P,),options={"from_logits":True},loss_field='keras.losses.CategoricalFocalCrossentropy',place='keras.losses.CategoricalFocalCrossentropy',flags=("IgnoredOption",),**kt)
err('keras','mean_squared_error','sample-weight-one-axis','weights of the numbers of one mean are refused','shape_mismatch','sample_weight',{P:A([1,2.5,0]),Tg:A([3,5,1]),'sample_weight':A([1,2,3])},None,'Keras multiplies the mean of one axis by each weight')
Xq=A([[1,2,.5],[.5,0,-1],[.25,.75,2]]); Lq=np.log(A([[.2,.5,.3],[.1,.6,.3],[.3,.3,.4]])); Dq=A([[.2,.5,.3],[0,1,0],[.4,.4,.2]]); Mc=np.array([True,False,True])
C('optax.kl_divergence','where-classes','a mask of one axis is one of classes, as in NumPy',run_jax,lambda t:optax.losses.kl_divergence(t[P],t[Tg],where=t['where']),{P:Lq,Tg:Dq,'where':Mc},(P,),place='optax.losses.kl_divergence',flags=("BroadcastShape",))
C('optax.softmax_cross_entropy','where-rows-as-many','a mask of one axis is one of rows, also with as many classes',run_jax,lambda t:optax.losses.softmax_cross_entropy(t[P],t[Tg],where=t['where']),{P:Xq,Tg:Dq,'where':Mc},(),place='optax.losses.softmax_cross_entropy',flags=("BroadcastShape",))
C('optax.cosine_distance','where-nothing','the distance of vectors of which nothing remains is 1',run_jax,lambda t:optax.losses.cosine_distance(t[P],t[Tg],where=t['where']),{P:Xo,Tg:Do,'where':np.array([[True],[False]])},(),place='optax.losses.cosine_distance',flags=("MaskedLeak",))
C('optax.generalized_kl_divergence','where-axes','a mask beside two joined class axes',run_jax,lambda t:optax.losses.generalized_kl_divergence(t[P],t[Tg],where=t['where'],axis=(0,1)),{P:LP,Tg:A([[.3,.6,.1],[0,1,0]]),'where':np.array([[True],[False]])},(P,),options={"axis":[0,1]},place='optax.losses.generalized_kl_divergence',flags=("WrongAxis",))
C('optax.smooth_labels','axis-all','smoothed labels keep their shape where all axes are joined',run_jax,lambda t:optax.losses.smooth_labels(t[Tg],.2,axis=None),{Tg:Do},(Tg,),options={"alpha":.2,"axis":None},place='optax.losses.smooth_labels',flags=("LostAxis",))
err('monai','DiceLoss','two-activations','sigmoid and softmax together are refused','invalid_option','softmax',{P:Xm,Tg:Ym},{"sigmoid":True,"softmax":True},'MONAI: incompatible values')
err('smp','FocalLoss','reduction-none','terms that are flattened are refused','invalid_option','reduction',{P:Xm,Tg:Ym},{"mode":"binary","reduction":None},'segmentation_models_pytorch gives the terms in one row')
# found by calls with shapes and weights at their limits
slp='segmentation_models_pytorch.losses.'
X1=A([[[[1,-1]]],[[[2,0]]]]); M1=I([[[0,1]],[[1,0]]])
for id,about,y in (("mask-without-class-axis","a mask of one class lacks the class axis",M1),("empty-mask-without-class-axis","an empty mask of one class, without the class axis",0*M1)):
    C('smp.DiceLoss',id,about,run_torch,lambda t:sm.DiceLoss('binary')(t[P],t[Tg]),{P:X1,Tg:y},(P,),options={"mode":"binary"},place=slp+'DiceLoss',flags=("BroadcastShape",))
    C('smp.MCCLoss',id,about,run_torch,lambda t:sm.MCCLoss()(t[P],t[Tg]),{P:A([[[[.7,.2]]],[[[.9,.5]]]]),Tg:y},(P,),place=slp+'MCCLoss',flags=("BroadcastShape",))
C('smp.DiceLoss','multilabel-mask-without-class-axis','a mask of one label lacks the class axis',run_torch,lambda t:sm.DiceLoss('multilabel')(t[P],t[Tg]),{P:X1,Tg:M1},(P,),options={"mode":"multilabel"},place=slp+'DiceLoss',flags=("BroadcastShape",))
C('smp.FocalLoss','mask-without-class-axis','a mask of one class lacks the class axis',run_torch,lambda t:sm.FocalLoss('binary')(t[P],t[Tg]),{P:X1,Tg:M1},(P,),options={"mode":"binary"},place=slp+'FocalLoss',flags=("BroadcastShape",))
err('monai','DiceLoss','indices-of-one-class','class indices beside one channel are refused','shape_mismatch',Tg,{P:X1,Tg:M1},{"sigmoid":True},'MONAI: ground truth has different shape')
err('segmentation','dice','indices-of-one-class','class indices of one class are refused: 0 would be the foreground','shape_mismatch',Tg,{P:A([[[.5],[.25]]]),Tg:I([[0,0]])},None,'a mask of 0 and 1 has the axes of prediction')
Z4=A([[0],[0],[0],[0]]); B4=A([1,2,3,4]); Z23=np.zeros((2,3)); B23=np.arange(1,7.).reshape(2,3,1)
fs=lambda r:lambda t:K.MeanSquaredError(reduction=r,dtype="float64")(t[Tg],t[P])
C(m,'prediction-row','a prediction of one axis gets the last axis of the target',run_jax,fs('sum'),{P:B4,Tg:Z4},(P,Tg),options={"reduction":"sum"},loss_field=mc,place=mc,flags=("BroadcastShape",),**kt)
C(m,'prediction-column','a last axis of extent 1 is removed before the mean',run_jax,fs('sum'),{P:B23,Tg:Z23},(P,Tg),options={"reduction":"sum"},loss_field=mc,place=mc,flags=("BroadcastShape",),**kt)
C(m,'prediction-column-none','a function gives the means over the axis before',run_jax,lambda t:K.mean_squared_error(t[Tg],t[P]),{P:B23,Tg:Z23},(P,),place='keras.losses.mean_squared_error',flags=("BroadcastShape",),**kt)
C(m,'prediction-column-weight','a weight for each mean over the axis before',run_jax,fm,{P:B23,Tg:Z23,'sample_weight':W},(P,),loss_field=mc,place=mc,flags=("BroadcastShape",),**kt)
C('keras.cosine_similarity','prediction-column','a last axis of extent 1 is removed',run_jax,lambda t:K.CosineSimilarity(dtype="float64")(t[Tg],t[P]),{P:B23,Tg:Z23+1},(P,),loss_field='keras.losses.CosineSimilarity',place='keras.losses.CosineSimilarity',flags=("BroadcastShape",),**kt)
C('keras.kl_divergence','prediction-row','a prediction of one axis gets the last axis of the target',run_jax,lambda t:K.KLDivergence(dtype="float64")(t[Tg],t[P]),{P:A([.2,.5,.3]),Tg:A([[.5],[.25],[.25]])},(P,),loss_field='keras.losses.KLDivergence',place='keras.losses.KLDivergence',flags=("BroadcastShape",),**kt)
C('smp.FocalLoss','zero-weight','a weight of 0 gives 0, also for a wrong certainty',run_torch,lambda t:sm.FocalLoss('binary',from_logits=False,alpha=1.)(t[P],t[Tg]),{P:A([[1,.2]]),Tg:A([[0,0]])},(P,),options={"mode":"binary","from_logits":False,"alpha":1.0},place=slp+'FocalLoss',flags=("MaskedNaN",))
C('keras.binary_focal_crossentropy','zero-weight','a weight of 0 gives 0, also for a wrong certainty',run_jax,lambda t:K.BinaryFocalCrossentropy(apply_class_balancing=True,alpha=0.,dtype="float64")(t[Tg],t[P]),{P:A([[0,.5]]),Tg:A([[1,0]])},(P,),options={"apply_class_balancing":True,"alpha":0.0},loss_field='keras.losses.BinaryFocalCrossentropy',place='keras.losses.BinaryFocalCrossentropy',flags=("MaskedNaN",),**kt)
own(('classification','binary_focal'),id='zero-weight',about='a weight of 0 gives 0, also for a wrong certainty',flags=["MaskedNaN"],source='hand-derived',place='positives weigh 0; (1/2)^2 ln 2 / 2, and its derivative (ln 2 + 1/2) / 2',inputs={P:tensor(A([0,.5])),Tg:tensor(A([1,0]))},options={"alpha":0,"from_logits":False},expect={"value":{"shape":[],"data":[math.log(2)/8]},"gradients":{P:tensor(A([0,(math.log(2)+.5)/2]))}},tolerance={"relative":1e-14},because="a logarithm")
Pg=A([[[.2,.8],[.5,.1]]]); Zg=0*Pg
C('monai.GeneralizedDiceLoss','uniform-nothing-true','uniform weights are 1, also where nothing is true',run_torch,lambda t:mo.GeneralizedDiceLoss(w_type='uniform')(t[P],t[Tg]),{P:Pg,Tg:Zg},(P,),options={"w_type":"uniform"},place='monai.losses.GeneralizedDiceLoss',flags=("IgnoredOption",))
C('monai.GeneralizedDiceFocalLoss','uniform-nothing-true','uniform weights are 1, also where nothing is true',run_torch,lambda t:mo.GeneralizedDiceFocalLoss(w_type='uniform')(t[P],t[Tg]),{P:Pg,Tg:Zg},(P,),options={"w_type":"uniform"},place='monai.losses.GeneralizedDiceFocalLoss',tol=1e-5,because="MONAI computes it in 32 bits",flags=("IgnoredOption",))
kf='keras.losses.CategoricalFocalCrossentropy'
C('keras.categorical_focal_crossentropy','alpha-list-weighted-mean','the weights of the classes do not divide a mean',run_jax,lambda t:K.CategoricalFocalCrossentropy(alpha=[1,.5,2],from_logits=True,reduction="mean_with_sample_weight",dtype="float64")(t[Tg],t[P]),{P:Pk,Tg:A([[1,0,0],[0,0,1]])},(P,),options={"from_logits":True,"alpha":[1,.5,2],"reduction":"mean_with_sample_weight"},loss_field=kf,place=kf,flags=("WrongDivisor",),**kt)
err('keras','categorical_focal_crossentropy','alpha-list-sample-weight','weights of classes and of samples beside a weighted mean are refused','invalid_option','reduction',{P:Pk,Tg:A([[1,0,0],[0,0,1]]),'sample_weight':W},{"from_logits":True,"alpha":[1,.5,2],"reduction":"mean_with_sample_weight"},'Keras divides by the weights of the samples alone')
C('smp.SoftBCEWithLogitsLoss','ignored-beside-weight','a weight of the last axis beside ignored targets',run_torch,lambda t:sm.SoftBCEWithLogitsLoss(weight=torch.tensor(W))(t[P],t[Tg]),{P:A([[.5,-1],[2,1]]),Tg:A([[0,-100],[1,1]])},(P,),options={"weight":[1,3]},place=slp+'SoftBCEWithLogitsLoss',flags=("MaskedLeak",))
Mf=A([[[[1,0],[1,1]]]])
C('monai.MaskedDiceLoss','mask-real','a mask of 0 and 1 as floating-point numbers',run_torch,lambda t:mo.MaskedDiceLoss()(t[P],t[Tg],t['mask']),{P:A([[[[.2,.8],[.5,.1]]]]),Tg:A([[[[0,1],[1,0]]]]),'mask':Mf},(P,),place='monai.losses.MaskedDiceLoss',flags=("MaskedLeak",),**mm)
err('monai','MaskedDiceLoss','mask-fraction','a mask of other numbers is refused','invalid_type','mask',{P:A([[[[.2,.8]]]]),Tg:A([[[[0,1]]]]),'mask':A([[[[.5,1]]]])},None,'a mask removes or keeps')
err('monai','HausdorffDTLoss','one-channel','one channel without the background is refused','invalid_option','include_background',{P:A([[[[.2,.8]]]]),Tg:A([[[[0,1]]]])},None,'nothing remains of one channel')
err('monai','DiceLoss','weight-negative','a negative weight is refused','invalid_option','weight',{P:Pg,Tg:Zg},{"weight":-1},'MONAI: no less than 0')
err('monai','FocalLoss','to-onehot','class indices are refused','shape_mismatch',Tg,{P:Xm,Tg:Ym},{"to_onehot_y":True},'one-hot targets are those of both')
C('smp.FocalLoss','multilabel-sum','the mean over the classes of their sums',run_torch,lambda t:sm.FocalLoss('multilabel',reduction='sum')(t[P],t[Tg]),{P:A([[[[.5,-1]],[[2,1]]]]),Tg:A([[[[0,1]],[[1,1]]]])},(P,),options={"mode":"multilabel","reduction":"sum"},place=slp+'FocalLoss',flags=("WrongDivisor",))
write='--write' in sys.argv
for (g,s),cs in out.items():
    p=R/'Fixtures/corpus'/g/f'{s}.json'
    if not p.exists(): print('no file',p); continue
    doc=json.loads(p.read_text())
    if write:
        keep=[c for c in doc['cases'] if c['id'] not in {x['id'] for x in cs}]
        doc['cases']=keep+cs; p.write_text(text(doc)+"\n")
print(sum(map(len,out.values())),'cases')
